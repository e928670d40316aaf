import { type Called, Client } from "../../client/client.ts";
import { commandOf, EXIT_REFUSED } from "../command.ts";
import { changeLine, linesOfGroup } from "../shared/output/group-lines.ts";
import { print } from "../shared/output/print.ts";
import { inWords, isTokenRefused } from "../shared/output/trouble.ts";
import { type GroupAct, parseSettings, type Settings, USAGE } from "./settings.ts";

const EXIT_NOT_DONE = 1;
const EXIT_NOT_REACHED = 4;

/** The output: the detector's answer, and the same in lines for people. */
interface Shown {
  answer: unknown;
  lines: string[];
}

const shown = <T>(called: Called<T>, lines: (value: T) => string[]): Called<Shown> =>
  called.kind === "ok" ? { ...called, value: { answer: called.value, lines: lines(called.value) } } : called;

const carryOut = async ({ groups }: Client, act: GroupAct): Promise<Called<Shown>> => {
  switch (act.kind) {
    case "list":
      return shown(await groups.list(), (all) => all.map(({ group, mode }) => `${group} ${mode}`));
    case "show":
      return shown(await groups.get(act.group), ({ group }) => linesOfGroup(group));
    case "switch": {
      const { group, to, reason } = act;
      return shown(await groups.switch(group, { reason, ...(to === undefined ? {} : { to }) }), linesOfGroup);
    }
    case "freeze": {
      const { group, reason, ttlMs } = act;
      return shown(await groups.freeze(group, { reason, ttlMs }), linesOfGroup);
    }
    case "thaw":
      return shown(await groups.thaw(act.group), () => [`${act.group} may change again`]);
    case "history":
      return shown(await groups.history(act.group, { limit: act.limit }), ({ changes }) =>
        changes.map(changeLine),
      );
  }
};

const codeOf = (called: Exclude<Called<unknown>, { kind: "ok" }>): number => {
  if (isTokenRefused(called)) return EXIT_REFUSED;
  // A status of 500 or above is trouble of the detector, not an answer to the request.
  return called.kind === "refused" && called.status < 500 ? EXIT_NOT_DONE : EXIT_NOT_REACHED;
};

const work = async ({ url, token, act, json }: Settings): Promise<number> => {
  const called = await carryOut(new Client(url, token), act);
  if (called.kind !== "ok") {
    process.stderr.write(`parallax group ${act.kind}: ${inWords(called)}\n`);
    return codeOf(called);
  }
  const { answer, lines } = called.value;
  const text = json ? [JSON.stringify(answer)] : lines;
  print(text.map((line) => `${line}\n`).join(""));
  return 0;
};

export const group = commandOf({
  name: "group",
  summary: "who serves or leads in a group; switch, freeze, thaw, history",
  usage: USAGE,
  parse: parseSettings,
  work,
});
