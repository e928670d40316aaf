import { commandOf, EXIT_REFUSED } from "../command.ts";
import { guarded } from "../guard.ts";
import { Inquiry } from "../inquiry.ts";
import { after } from "../machine.ts";
import { pause } from "../pause.ts";
import { nameOf } from "../place.ts";
import { print } from "../print.ts";
import { stopwatch } from "../stopwatch.ts";
import { inOneLine } from "../trouble.ts";
import { look, type Look } from "./look.ts";
import { Memory } from "./memory.ts";
import { parseSettings, type Settings, USAGE } from "./settings.ts";

const EXIT_CLOSED = 1;
const AGAIN_MS = 1_000;
const LONGEST_LINE = 1_000;

const CODES: Record<Look["kind"], number> = { open: 0, closed: EXIT_CLOSED, refused: EXIT_REFUSED };

const say = ({ place }: Settings, word: string, why: string): void => {
  print(`${word} ${nameOf(place)}: ${inOneLine(why, LONGEST_LINE)}\n`);
};

/** One look, that never throws: what goes wrong on this machine keeps the gate closed as well. */
const lookOnce = async (settings: Settings, memory: Memory): Promise<Look> => {
  const { place, timeoutMs } = settings;
  try {
    const inquiry = new Inquiry(settings, AbortSignal.timeout(timeoutMs));
    return await look(inquiry, place, memory);
  } catch (error) {
    return { kind: "closed", why: `what was seen before is not known: ${(error as Error).message}` };
  }
};

/** Looks until the gate opens, the token is refused or there is no time for another look. */
const lookOn = async (settings: Settings): Promise<Look> => {
  const memory = new Memory(settings.state, settings.place);
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
  summary: "may a successor take a node's place? Closed unless that is proven",
  usage: USAGE,
  parse: parseSettings,
  work,
});
