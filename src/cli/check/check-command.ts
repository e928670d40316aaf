import { commandOf } from "../command.ts";
import { guarded } from "../shared/process/deadline-guard.ts";
import { Inquiry } from "../shared/detector/inquiry.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { print } from "../shared/output/print.ts";
import { stopwatch } from "../shared/time/stopwatch.ts";
import { inOneLine, inWords } from "../shared/output/trouble.ts";
import { answeredAt } from "../shared/time/verdict-time.ts";
import { troubleLine, verdictLine } from "./result-line.ts";
import { parseSettings, type Settings, USAGE } from "./settings.ts";
import { type State, STATES, nagiosStateOf, UNKNOWN } from "./nagios-state.ts";

/** The line to print, and the exit code. */
interface Result {
  line: string;
  code: number;
}

/** For keepalived and similar programs: 1 if traffic should leave the target, 0 for everything else. */
const binary = async (inquiry: Inquiry, { place, slant }: Settings): Promise<Result> => {
  const avoid = await inquiry.check("avoid", place, slant);
  if (avoid.kind !== "ok") return { line: inWords(avoid), code: 0 };
  return { line: avoid.value.line, code: avoid.value.bit ? 1 : 0 };
};

/** For Nagios: a state, and a line for people. */
const full = async (inquiry: Inquiry, settings: Settings): Promise<Result> => {
  const { place, slant, timeoutMs } = settings;
  const elapsedMs = stopwatch();
  for (let isLast = false; ; isLast = true) {
    const verdict = await inquiry.verdict(place);
    if (verdict.kind !== "ok") return unknown(settings, inWords(verdict));
    const avoid = await inquiry.check("avoid", place, slant);
    if (avoid.kind !== "ok") return unknown(settings, inWords(avoid));
    // A transition came between the two calls: ask once more.
    if (avoid.value.sequence !== verdict.value.sequence && !isLast) continue;
    const now = answeredAt(verdict);
    const { state, remark } = nagiosStateOf(verdict.value, avoid.value, now);
    const timing = { now, tookMs: elapsedMs(), timeoutMs };
    return { line: verdictLine(state, remark, verdict.value, timing), code: state };
  }
};

const unknown = ({ place }: Settings, why: string): { line: string; code: State } => ({
  line: troubleLine(UNKNOWN, nameOf(place), why),
  code: UNKNOWN,
});

const say = (line: string): void => {
  print(`${line}\n`);
};

const work = (settings: Settings): Promise<number> => {
  const { timeoutMs } = settings;
  const failed = (why: string): Result =>
    settings.binary ? { line: inOneLine(why), code: 0 } : unknown(settings, why);
  return guarded(
    async () => {
      const inquiry = new Inquiry(settings, AbortSignal.timeout(timeoutMs));
      const { line, code } = await (settings.binary ? binary : full)(inquiry, settings);
      say(line);
      return code;
    },
    { limitMs: timeoutMs, code: failed("").code, say: (why) => say(failed(why).line) },
  );
};

export const checkCommand = commandOf({
  name: "check",
  summary: "a Nagios plugin; with --binary one bit for what takes all but 0 for a fault",
  usage: USAGE,
  parse: parseSettings,
  work,
  misused: (args, problem) => {
    if (args.some((arg) => /^--(no-)?binary(=|$)/.test(arg))) return 0;
    // Nagios shows what a plugin writes to stdout.
    say(`PARALLAX ${STATES[UNKNOWN]} - ${inOneLine(problem)}`);
    return UNKNOWN;
  },
});
