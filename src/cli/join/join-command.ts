import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { type Called, Client } from "../../client/client.ts";
import type { Join, NewJoin } from "../../domain/join.ts";
import { commandOf, EXIT_REFUSED } from "../command.ts";
import { print } from "../shared/output/print.ts";
import { inOneLine, inWords, isTokenRefused } from "../shared/output/trouble.ts";
import { type JoinAct, parseSettings, type Settings, USAGE } from "./settings.ts";

const EXIT_NOT_DONE = 1;
const EXIT_NOT_REACHED = 4;

const complain = (act: JoinAct["kind"], why: string): void => {
  process.stderr.write(`parallax join ${act}: ${why}\n`);
};

const sitesOf = ({ sites }: Join): string => (sites === "all" ? sites : sites.join(","));

const lineOf = (join: Join): string => {
  const { id = "-", kind, state, usedAt, expiresAt, token, note } = join;
  const when =
    state === "used" ? `at ${usedAt} token ${token}` : `${state === "open" ? "until" : "since"} ${expiresAt}`;
  return `${join.join} ${kind} ${id} ${sitesOf(join)} ${state} ${when}${note === undefined ? "" : ` ${inOneLine(note)}`}`;
};

/** The file that a code goes to, made before the code is: a code that nobody has would be the worse. */
class Place {
  readonly #file: string;
  readonly #descriptor: number;

  private constructor(file: string, descriptor: number) {
    this.#file = file;
    this.#descriptor = descriptor;
  }

  /** Undefined where there is a file already, or none can be made; that is said. */
  static make(file: string): Place | undefined {
    try {
      return new Place(file, openSync(file, "wx", 0o600));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why = code === "EEXIST" ? `${file} is there already: remove it, or name another` : message;
      complain("create", `--out: ${why}. No code was made`);
      return undefined;
    }
  }

  /** False where the disk does not take the code; that is said. */
  fill({ code, join }: NewJoin): boolean {
    try {
      writeFileSync(this.#descriptor, `${code}\n`);
      closeSync(this.#descriptor);
      return true;
    } catch (error) {
      complain("create", `--out: ${(error as Error).message}. Revoke ${join}, which nobody has`);
      this.forget();
      return false;
    }
  }

  forget(): void {
    rmSync(this.#file, { force: true });
  }
}

/** Prints the code or writes it to its place; false where it cannot be written. */
const hand = (made: NewJoin, place: Place | undefined): boolean => {
  if (place === undefined) print(`${made.code}\n`);
  else if (!place.fill(made)) return false;
  process.stderr.write(`join ${made.join} for one use until ${made.expiresAt}\n`);
  return true;
};

const carryOut = async ({ joins }: Client, act: JoinAct): Promise<Called<Join[] | NewJoin | null>> => {
  if (act.kind === "create") return joins.make(act.request);
  return act.kind === "list" ? joins.list() : joins.revoke(act.join);
};

const show = (act: JoinAct, value: Join[] | NewJoin | null, place: Place | undefined): boolean => {
  if (act.kind === "create") return hand(value as NewJoin, place);
  if (act.kind === "list") print((value as Join[]).map((join) => `${lineOf(join)}\n`).join(""));
  else print(`${act.join} is revoked\n`);
  return true;
};

/** The id of the token that a code was traded for; undefined where it was not, or that is not known. */
const tokenOf = async ({ joins }: Client, id: string): Promise<string | undefined> => {
  const listed = await joins.list();
  return listed.kind === "ok" ? listed.value.find(({ join }) => join === id)?.token : undefined;
};

const work = async ({ url, token, act, json }: Settings): Promise<number> => {
  const out = act.kind === "create" ? act.out : undefined;
  const place = out === undefined ? undefined : Place.make(out);
  if (out !== undefined && place === undefined) return EXIT_NOT_DONE;
  const client = new Client(url, token);
  const left = act.kind === "revoke" ? await tokenOf(client, act.join) : undefined;
  const called = await carryOut(client, act);
  if (called.kind !== "ok") {
    place?.forget();
    complain(act.kind, inWords(called));
    if (isTokenRefused(called)) return EXIT_REFUSED;
    return called.kind === "refused" && called.status < 500 ? EXIT_NOT_DONE : EXIT_NOT_REACHED;
  }
  if (left !== undefined)
    process.stderr.write(
      `the code was used: token ${left}, which was made with it, stays until it is revoked itself\n`,
    );
  if (json) {
    print(`${JSON.stringify(called.value)}\n`);
    return 0;
  }
  return show(act, called.value, place) ? 0 : EXIT_NOT_DONE;
};

export const join = commandOf({
  name: "join",
  summary: "make, list and revoke codes by which vantages and agents join",
  usage: USAGE,
  parse: parseSettings,
  work,
});
