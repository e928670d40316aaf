import { FREEZE_MAX_MS } from "../../domain/group.ts";
import { isName, NAME_RULE } from "../../domain/plain/names.ts";
import {
  type Access,
  accessSettings,
  BadArgument,
  type Environment,
  wholeOf,
} from "../shared/arguments/flags.ts";
import { nameOf, placeIn } from "../shared/arguments/place.ts";
import { timeFlag } from "../shared/arguments/time-flag.ts";

/** The act on a group. */
export type GroupAct =
  | { kind: "list" }
  | { kind: "show" | "thaw"; group: string }
  | { kind: "switch"; group: string; to: string | undefined; reason: string }
  | { kind: "freeze"; group: string; reason: string; ttlMs: number }
  | { kind: "history"; group: string; limit: number };

export interface Settings extends Access {
  act: GroupAct;
  /** Print the detector's answer as JSON. */
  json: boolean;
}

const OPTIONS = {
  to: { type: "string" },
  reason: { type: "string" },
  for: { type: "string" },
  limit: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

export const USAGE = `Usage: parallax group list
       parallax group show GROUP
       parallax group switch GROUP [--to SITE/TARGET] --reason TEXT
       parallax group freeze GROUP --for 30m --reason TEXT
       parallax group thaw GROUP
       parallax group history GROUP [--limit N]

Who serves or leads in a group, and an operator's hand in it. switch begins a
planned change of the leader: the old one is told to stop, and the new one
leads once that has stopped or its lease has run out. While a group is frozen
nothing changes in it, not even for a leader that has died.

  --url URL           the detector; or PARALLAX_URL
  --token-file FILE   holds a token, of scope read for list, show and history,
                      else of scope admin; or PARALLAX_TOKEN
  --to SITE/TARGET    who is to lead; default: whom the group finds best
  --reason TEXT       is kept in the group's history; 1 to 500 characters
  --for TIME          how long: 90s, 30m, 2h, 7d at most
  --limit N           lines of history, newest first, 1 to 100; default 20
  --json              print the detector's answer

Exit codes: 0 done; 1 the detector does not do it, and says why; 2 wrong
arguments; 3 the token is refused; 4 the detector was not reached.

Examples:
  parallax group switch db --to fra/db-2 --reason "kernel of db-1"
  parallax group freeze db --for 30m --reason "moving the rack"
`;

const reasonOf = (text: string | undefined): string => {
  if (text !== undefined && text.length >= 1 && text.length <= 500) return text;
  throw new BadArgument("--reason must be a text of 1 to 500 characters");
};

const memberOf = (text: string | undefined): string | undefined => {
  const place = text === undefined ? undefined : placeIn(text);
  if (text !== undefined && place === undefined)
    throw new BadArgument(`--to must be SITE/TARGET, each of which ${NAME_RULE}`);
  return place === undefined ? undefined : nameOf(place);
};

interface Flags {
  to?: string | undefined;
  reason?: string | undefined;
  for?: string | undefined;
  limit?: string | undefined;
}

/** The flags of each act, beside those that all acts take. */
const FLAGS: Record<GroupAct["kind"], readonly (keyof Flags)[]> = {
  list: [],
  show: [],
  switch: ["to", "reason"],
  freeze: ["for", "reason"],
  thaw: [],
  history: ["limit"],
};
const isAct = (word: string): word is GroupAct["kind"] => Object.hasOwn(FLAGS, word);

const groupOf = (kind: string, words: string[]): string => {
  const [group, ...more] = words;
  if (group === undefined || more.length > 0) throw new BadArgument(`${kind} takes exactly one GROUP`);
  if (!isName(group)) throw new BadArgument(`GROUP ${NAME_RULE}`);
  return group;
};

const actOf = (flags: Flags, [kind = "", ...words]: string[]): GroupAct => {
  if (!isAct(kind)) throw new BadArgument(`say what to do: ${Object.keys(FLAGS).join(", ")}`);
  const stray = (["to", "reason", "for", "limit"] as const).find(
    (name) => flags[name] !== undefined && !FLAGS[kind].includes(name),
  );
  if (stray !== undefined) throw new BadArgument(`--${stray} cannot be used with ${kind}`);
  if (kind === "list") {
    if (words.length > 0) throw new BadArgument("list takes no GROUP");
    return { kind };
  }
  const group = groupOf(kind, words);
  if (kind === "switch") return { kind, group, to: memberOf(flags.to), reason: reasonOf(flags.reason) };
  if (kind === "freeze")
    return {
      kind,
      group,
      reason: reasonOf(flags.reason),
      ttlMs: timeFlag("--for", flags.for, FREEZE_MAX_MS),
    };
  if (kind === "history") return { kind, group, limit: wholeOf("--limit", flags.limit ?? "20", 1, 100) };
  return { kind, group };
};

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string =>
  accessSettings(args, environment, OPTIONS, ({ json, ...flags }, words) => ({
    act: actOf(flags, words),
    json,
  }));
