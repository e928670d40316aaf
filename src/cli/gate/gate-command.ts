import { commandOf, EXIT_REFUSED } from "../command.ts";
import { epochsIn, Greatest } from "../shared/files/greatest.ts";
import { guarded } from "../shared/process/deadline-guard.ts";
import { Inquiry } from "../shared/detector/inquiry.ts";
import { after } from "../shared/process/machine.ts";
import { pause } from "../shared/time/pause.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { print } from "../shared/output/print.ts";
import { stopwatch } from "../shared/time/stopwatch.ts";
import { inOneLine } from "../shared/output/trouble.ts";
import { lookAtLeader } from "./leading.ts";
import { look, type GateLook } from "./gate-look.ts";
import { parseSettings, type Settings, USAGE } from "./settings.ts";

const EXIT_CLOSED = 1;
const AGAIN_MS = 1_000;
const LONGEST_LINE = 1_000;

const CODES: Record<GateLook["kind"], number> = { open: 0, closed: EXIT_CLOSED, refused: EXIT_REFUSED };

const say = ({ place }: Settings, word: string, why: string): void => {
  print(`${word} ${nameOf(place)}: ${inOneLine(why, LONGEST_LINE)}\n`);
};

/** One look. Never throws: a failure on this machine keeps the gate closed as well. */
const lookOnce = async (settings: Settings, memory: Greatest): Promise<GateLook> => {
  const { place, group, timeoutMs } = settings;
  try {
    const inquiry = new Inquiry(settings, AbortSignal.timeout(timeoutMs));
    return await (group === undefined
      ? look(inquiry, place, memory)
      : lookAtLeader(inquiry, group, place, memory));
  } catch (error) {
    return { kind: "closed", why: `what was seen before is not known: ${(error as Error).message}` };
  }
};

const memoryOf = ({ state, place: { site, target }, group }: Settings): Greatest =>
  group === undefined
    ? new Greatest(
        state,
        `${site}.${target}.sequence`,
        "a sequence: remove it if you know that no failover is at stake",
      )
    : epochsIn(state, group);

/** Looks until the gate opens, the token is refused or no time is left for another look. */
const lookOn = async (settings: Settings): Promise<GateLook> => {
  const memory = memoryOf(settings);
  const elapsedMs = stopwatch();
  for (;;) {
    const seen = await lookOnce(settings, memory);
    if (seen.kind !== "closed" || elapsedMs() + AGAIN_MS > settings.waitMs) return seen;
    await pause(after, AGAIN_MS, new AbortController().signal);
  }
};

const work = (settings: Settings): Promise<number> => {
  const { waitMs, timeoutMs } = settings;
  return guarded(
    async () => {
      const { kind, why } = await lookOn(settings);
      say(settings, kind === "open" ? "open" : "closed", why);
      return CODES[kind];
    },
    { limitMs: waitMs + timeoutMs, code: EXIT_CLOSED, say: (why) => say(settings, "closed", why) },
  );
};

export const gate = commandOf({
  name: "gate",
  summary: "may a successor take a node's place, or does it lead? Closed unless proven",
  usage: USAGE,
  parse: parseSettings,
  work,
});
