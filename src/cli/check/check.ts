import { Client } from "../../client/client.ts";
import { commandOf } from "../command.ts";
import { guarded } from "../guard.ts";
import { nameOf } from "../place.ts";
import { inOneLine, inWords } from "../trouble.ts";
import { answeredAt } from "../verdict-time.ts";
import { troubleLine, verdictLine } from "./line.ts";
import { parseSettings, type Settings, USAGE } from "./settings.ts";
import { type State, STATES, stateOf, UNKNOWN } from "./state.ts";

/** What is printed, and the exit code. */
interface Result {
  line: string;
  code: number;
}

/** For keepalived and the like: 1 if traffic should leave the target, 0 for all else. */
const binary = async (client: Client, { place, slant }: Settings, stop: AbortSignal): Promise<Result> => {
  const avoid = await client.check("avoid", place, { ...slant, stop });
  if (avoid.kind !== "ok") return { line: inWords(avoid), code: 0 };
  return { line: avoid.value.line, code: avoid.value.bit ? 1 : 0 };
};

/** For Nagios: a state and what a person wants to know. */
const full = async (client: Client, settings: Settings, stop: AbortSignal): Promise<Result> => {
  const { place, slant, timeoutMs } = settings;
  const begin = performance.now();
  const ask = () =>
    Promise.all([client.verdict(place, { stop }), client.check("avoid", place, { ...slant, stop })]);
  let [verdict, avoid] = await ask();
  // A transition between the two: once more.
  if (verdict.kind === "ok" && avoid.kind === "ok" && avoid.value.sequence !== verdict.value.sequence)
    [verdict, avoid] = await ask();
  if (verdict.kind !== "ok") return unknown(settings, inWords(verdict));
  if (avoid.kind !== "ok") return unknown(settings, inWords(avoid));
  const { state, remark } = stateOf(verdict.value, avoid.value);
  const timing = { now: answeredAt(verdict), tookMs: performance.now() - begin, timeoutMs };
  return { line: verdictLine(state, remark, verdict.value, timing), code: state };
};

const unknown = ({ place }: Settings, why: string): { line: string; code: State } => ({
  line: troubleLine(UNKNOWN, nameOf(place), why),
  code: UNKNOWN,
});

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const work = (settings: Settings): Promise<number> => {
  const { url, token, timeoutMs } = settings;
  const client = new Client(url, token, timeoutMs);
  const failed = (why: string): Result =>
    settings.binary ? { line: inOneLine(why), code: 0 } : unknown(settings, why);
  return guarded(
    async () => {
      const stop = AbortSignal.timeout(timeoutMs);
      const { line, code } = await (settings.binary ? binary : full)(client, settings, stop);
      say(line);
      return code;
    },
    { limitMs: timeoutMs, code: failed("").code, say: (why) => say(failed(why).line) },
  );
};

export const check = commandOf({
  name: "check",
  summary: "a Nagios plugin; with --binary one bit for what takes all but 0 for a fault",
  usage: USAGE,
  parse: parseSettings,
  work,
  misused: (args, problem) => {
    if (args.includes("--binary")) return 0;
    // Nagios shows what a plugin writes to stdout.
    say(`PARALLAX ${STATES[UNKNOWN]} - ${inOneLine(problem)}`);
    return UNKNOWN;
  },
});
