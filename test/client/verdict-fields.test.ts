import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tolerant } from "../../src/client/reader.ts";
import { verdictFields } from "../../src/client/verdict-fields.ts";
import { isInstant } from "../../src/domain/plain/rfc3339.ts";
import { ROUTINGS, VERDICT_NAMES } from "../../src/domain/plain/verdict-table.ts";
import { InstantSchema } from "../../src/domain/instant.ts";
import { AdviceSchema, ShownOverrideSchema, VerdictAnswerSchema } from "../../src/domain/verdict.ts";
import { dead, verdictNow } from "../cli/fake-detector.ts";

/** The schema with the same fields as the client reads. It ignores all fields not named here. */
const PICKED = VerdictAnswerSchema.pick({
  site: true,
  target: true,
  verdict: true,
  confirmed: true,
  confidence: true,
  sequence: true,
  since: true,
  asOf: true,
  validUntil: true,
  stale: true,
  because: true,
  reachableFrom: true,
  unreachableFrom: true,
  drill: true,
  paused: true,
})
  .extend({
    advice: AdviceSchema.pick({ routing: true, failover: true, reason: true }).strip(),
    override: ShownOverrideSchema.pick({ until: true })
      .extend({
        advice: ShownOverrideSchema.shape.advice.unwrap().pick({ failover: true }).strip().optional(),
      })
      .strip()
      .nullable(),
  })
  .strip();

/** The value after its way over the wire. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const instant = fc
  .date({
    min: new Date("0001-01-01T00:00:00.000Z"),
    max: new Date("9999-12-31T23:59:59.999Z"),
    noInvalidDate: true,
  })
  .map((date) => date.toISOString());
const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const routing = fc.constantFrom(...ROUTINGS);

const answers = fc
  .record({
    site: name,
    target: name,
    verdict: fc.constantFrom(...VERDICT_NAMES),
    confirmed: fc.boolean(),
    confidence: fc.double({ noNaN: true, noDefaultInfinity: true }),
    sequence: fc.maxSafeInteger(),
    since: instant,
    asOf: maybe(instant),
    validUntil: maybe(instant),
    stale: fc.boolean(),
    because: fc.string({ unit: "binary" }),
    reachableFrom: fc.array(fc.string()),
    unreachableFrom: fc.array(fc.string()),
    advice: fc.record({
      routing,
      regions: fc.dictionary(name, routing),
      failover: fc.boolean(),
      reason: fc.string(),
    }),
    drill: maybe(fc.string()),
    override: maybe(
      fc.record(
        {
          verdict: fc.constantFrom(...VERDICT_NAMES),
          advice: fc.record({ routing, failover: fc.boolean() }, { requiredKeys: [] }),
          reason: fc.string(),
          until: instant,
        },
        { requiredKeys: ["reason", "until"] },
      ),
    ),
    paused: fc.boolean(),
  })
  .map((fields) => ({ ...verdictNow("fra", "db-1"), ...fields }));

/** Values that some field accepts, nearly accepts, or never accepts. */
const anything = fc.oneof(
  fc.jsonValue() as fc.Arbitrary<unknown>,
  instant,
  name,
  fc.constantFrom<unknown>(null, "", "node_dead", "serve", {}, [], [null], 0, -1, 1.5, 2 ** 53, "true", true),
  fc.constantFrom(
    "2026-02-30T00:00:00.000Z",
    "2026-01-01T24:00:00.000Z",
    "2026-01-01T00:00:00Z",
    "FRA",
    "a/b",
  ),
);

const PATHS = [
  ...Object.keys(PICKED.shape).map((key) => [key]),
  ["advice", "routing"],
  ["advice", "failover"],
  ["advice", "reason"],
  ["override", "until"],
  ["override", "advice"],
  ["override", "advice", "failover"],
  ["reachableFrom", "0"],
];

/** The answer with `value` at `path`; undefined removes what is there. */
const spoilt = (answer: object, path: string[], value: unknown): unknown => {
  const copy = sent(answer) as Record<string, unknown>;
  const [last = "", ...above] = path.toReversed();
  let at: Record<string, unknown> | undefined = copy;
  for (const step of above.toReversed()) at = at?.[step] as Record<string, unknown> | undefined;
  if (typeof at !== "object" || at === null) return copy;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return sent(copy);
};

describe("a verdict read without its schema", () => {
  it("has the same values as by it, of every answer that is one", () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const whole = VerdictAnswerSchema.parse(sent(answer));
        const read = verdictFields.safeParse(sent(answer));
        expect(read).toEqual({ success: true, data: PICKED.parse(whole) });
      }),
    );
  });

  it("is taken or refused as by it, whatever becomes of one field", () => {
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(
        answers,
        fc.constantFrom(...PATHS),
        fc.option(anything, { nil: undefined, freq: 10 }),
        (answer, path, value) => {
          const changed = spoilt(answer, path, value);
          const [ours, theirs] = [verdictFields.safeParse(changed), PICKED.safeParse(changed)];
          expect(ours.success, JSON.stringify([path, value])).toBe(theirs.success);
          if (ours.success) expect(ours.data).toEqual(theirs.data);
          else expect(ours.error.message).toContain(path[0]);
          if (ours.success) taken += 1;
          else refused += 1;
        },
      ),
      { numRuns: 2_000 },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(100);
  });

  it("is taken or refused as by it, whatever is sent in its place", () => {
    fc.assert(
      fc.property(fc.oneof(anything, fc.array(answers, { maxLength: 1 })), (value) => {
        expect(verdictFields.safeParse(value).success).toBe(PICKED.safeParse(value).success);
      }),
    );
  });

  it.each([
    [{ confirmed: "true" }, "confirmed is not true or false"],
    [{ advice: { routing: "avoid", failover: 1, reason: "" } }, "advice.failover is not true or false"],
    [
      { override: { advice: { failover: "yes" }, until: "2026-11-22T18:30:05.000Z" } },
      "override.advice.failover",
    ],
    [{ override: { advice: { failover: true }, until: "soon" } }, "override.until is not an instant"],
    [{ validUntil: "2026-02-30T00:00:00.000Z" }, "validUntil is not an instant"],
    [{ sequence: "42" }, "sequence is not a whole number"],
    [{ verdict: "dead" }, "verdict is not a verdict"],
    [{ site: "FRA" }, "site is not a name"],
  ])("says by its path what is wrong with %j", (changes, said) => {
    const read = verdictFields.safeParse({ ...verdictNow("fra", "db-1"), ...dead(), ...(changes as object) });
    expect(read).toMatchObject({ success: false, error: { message: expect.stringContaining(said) } });
  });

  it("passes over what a newer detector adds, as the tolerant schema does", () => {
    const newer = {
      ...verdictNow("fra", "db-1"),
      mood: "sad",
      advice: { routing: "serve", regions: {}, failover: false, reason: "", since: {} },
    };
    expect(tolerant(verdictFields).safeParse(sent(newer)).success).toBe(true);
    expect(tolerant(VerdictAnswerSchema).safeParse(sent(newer)).success).toBe(true);
  });
});

describe("an instant", () => {
  it("is what the schema takes for one", () => {
    const digits = fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const near = fc
      .tuple(fc.nat(9999), fc.nat(13), fc.nat(32), fc.nat(25), fc.nat(61), fc.nat(61), fc.nat(999))
      .map(([year, month, day, hour, minute, second, ms]) => {
        const two = (part: number): string => String(part).padStart(2, "0");
        const date = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
        return `${date}T${two(hour)}:${two(minute)}:${two(second)}.${String(ms).padStart(3, "0")}Z`;
      });
    fc.assert(
      fc.property(fc.oneof(instant, digits, near, fc.string()), (text) => {
        expect(isInstant(text), text).toBe(InstantSchema.safeParse(text).success);
      }),
      { numRuns: 5_000 },
    );
  });
});
