import { writeFileSync } from "node:fs";
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

/** Prints the code or writes it to the file; false where it cannot be written. */
const hand = ({ code, join, expiresAt }: NewJoin, out: string | undefined): boolean => {
  if (out === undefined) print(`${code}\n`);
  else {
    try {
      writeFileSync(out, `${code}\n`, { flag: "wx", mode: 0o600 });
    } catch (error) {
      const isThere = (error as NodeJS.ErrnoException).code === "EEXIST";
      complain(
        "create",
        `${isThere ? `${out} is there already: remove it, or name another` : (error as Error).message}. Revoke ${join}, which nobody has`,
      );
      return false;
    }
  }
  process.stderr.write(`join ${join} for one use until ${expiresAt}\n`);
  return true;
};

const carryOut = async ({ joins }: Client, act: JoinAct): Promise<Called<Join[] | NewJoin | null>> => {
  if (act.kind === "create") return joins.make(act.request);
  return act.kind === "list" ? joins.list() : joins.revoke(act.join);
};

const show = (act: JoinAct, value: Join[] | NewJoin | null): boolean => {
  if (act.kind === "create") return hand(value as NewJoin, act.out);
  if (act.kind === "list") print((value as Join[]).map((join) => `${lineOf(join)}\n`).join(""));
  else print(`${act.join} is revoked\n`);
  return true;
};

const work = async ({ url, token, act, json }: Settings): Promise<number> => {
  const called = await carryOut(new Client(url, token), act);
  if (called.kind !== "ok") {
    complain(act.kind, inWords(called));
    if (isTokenRefused(called)) return EXIT_REFUSED;
    return called.kind === "refused" && called.status < 500 ? EXIT_NOT_DONE : EXIT_NOT_REACHED;
  }
  if (json && (act.kind !== "create" || act.out === undefined)) {
    print(`${JSON.stringify(called.value)}\n`);
    return 0;
  }
  return show(act, called.value) ? 0 : EXIT_NOT_DONE;
};

export const join = commandOf({
  name: "join",
  summary: "make, list and revoke codes by which vantages and agents join",
  usage: USAGE,
  parse: parseSettings,
  work,
});
