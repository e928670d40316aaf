/**
 * Reads a verdict without the schema library, which takes longer to load than a whole check takes. Only the fields that `check` and `gate`
 * use are read, each as strictly as by `VerdictAnswerSchema`: a test compares the two.
 */
import { isInstant } from "../domain/plain/rfc3339.ts";
import { isName } from "../domain/plain/names.ts";
import { isVerdict, ROUTINGS } from "../domain/plain/verdict-table.ts";
import type { Advice, Routing, VerdictAnswer } from "../domain/verdict.ts";
import type { Reader } from "./reader.ts";

type Whole =
  | "site"
  | "target"
  | "verdict"
  | "confirmed"
  | "confidence"
  | "sequence"
  | "since"
  | "asOf"
  | "validUntil"
  | "stale"
  | "because"
  | "reachableFrom"
  | "unreachableFrom"
  | "drill"
  | "paused";

export interface VerdictFields extends Pick<VerdictAnswer, Whole> {
  advice: Pick<Advice, "routing" | "failover" | "reason">;
  override: { advice?: { failover?: boolean | undefined } | undefined; until: string } | null;
}

/** Names a value that is not as expected, by its path. */
class Flaw extends Error {}

/** Returns the value as expected, or throws a `Flaw`. */
type Read<T> = (value: unknown, path: string) => T;

const such =
  <T>(what: string, isSuch: (value: unknown) => boolean): Read<T> =>
  (value, path) => {
    if (!isSuch(value)) throw new Flaw(`${path} is not ${what}`);
    return value as T;
  };

const isText = (value: unknown): value is string => typeof value === "string";

const text = such<string>("a text", isText);
const flag = such<boolean>("true or false", (value) => typeof value === "boolean");
const name = such<string>("a name", (value) => isText(value) && isName(value));
const instant = such<string>("an instant", (value) => isText(value) && isInstant(value));
const texts = such<string[]>("a list of texts", (value) => Array.isArray(value) && value.every(isText));
const routing = such<Routing>("a routing advice", (value) => ROUTINGS.some((each) => each === value));

const orNull =
  <T>(read: Read<T>): Read<T | null> =>
  (value, path) =>
    value === null ? null : read(value, path);

const ifThere =
  <T>(read: Read<T>): Read<T | undefined> =>
  (value, path) =>
    value === undefined ? undefined : read(value, path);

/** An object with at least these fields. Other fields are ignored, since a newer detector may add some. */
const fields =
  <T>(readers: { [Key in keyof T]-?: Read<T[Key]> }): Read<T> =>
  (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new Flaw(`${path || "it"} is no object`);
    const entries = Object.entries(readers as Record<string, Read<unknown>>).map(([key, read]) => {
      const held = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
      return [key, read(held, path === "" ? key : `${path}.${key}`)];
    });
    return Object.fromEntries(entries) as T;
  };

const read = fields<VerdictFields>({
  site: name,
  target: name,
  verdict: such("a verdict", (value) => isText(value) && isVerdict(value)),
  confirmed: flag,
  confidence: such("a number", Number.isFinite),
  sequence: such("a whole number", Number.isSafeInteger),
  since: instant,
  asOf: orNull(instant),
  validUntil: orNull(instant),
  stale: flag,
  because: text,
  reachableFrom: texts,
  unreachableFrom: texts,
  advice: fields<VerdictFields["advice"]>({ routing, failover: flag, reason: text }),
  drill: orNull(text),
  override: orNull(
    fields<NonNullable<VerdictFields["override"]>>({
      advice: ifThere(fields<{ failover?: boolean | undefined }>({ failover: ifThere(flag) })),
      until: instant,
    }),
  ),
  paused: flag,
});

export const verdictFields: Reader<VerdictFields> = {
  safeParse: (value) => {
    try {
      return { success: true, data: read(value, "") };
    } catch (error) {
      if (!(error instanceof Flaw)) throw error;
      return { success: false, error };
    }
  },
};
