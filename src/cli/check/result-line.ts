import type { VerdictFields } from "../../client/verdict-fields.ts";
import { fromInstant } from "../../domain/plain/rfc3339.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { inOneLine } from "../shared/output/trouble.ts";
import { STATES, type State } from "./nagios-state.ts";

/** Text for people. A bar would begin the performance data. */
const plain = (text: string): string => inOneLine(text.replaceAll("|", "/"));

export const troubleLine = (state: State, name: string, why: string): string =>
  `PARALLAX ${STATES[state]} - ${name}: ${plain(why)}`;

interface Timing {
  /** When the detector answered, epoch milliseconds. */
  now: number;
  tookMs: number;
  timeoutMs: number;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(3)}s`;

/** `label=value;warn;crit;min;max` for each number, the format of the Monitoring Plugins' guidelines. */
const performanceOf = (verdict: VerdictFields, { now, tookMs, timeoutMs }: Timing): string => {
  const { reachableFrom: near, unreachableFrom: cut, asOf } = verdict;
  return [
    `confidence=${verdict.confidence};;;0;1`,
    `reachable=${near.length};;;0;${near.length + cut.length}`,
    ...(asOf === null ? [] : [`age=${seconds(Math.max(0, now - fromInstant(asOf)))};;;0`]),
    `time=${seconds(tookMs)};;;0;${seconds(timeoutMs)}`,
  ].join(" ");
};

/** One line: state, target, verdict, why, and numbers after a bar. */
export const verdictLine = (state: State, remark: string, verdict: VerdictFields, timing: Timing): string => {
  const words = [nameOf(verdict), verdict.verdict, remark === "" ? "" : `(${remark})`].filter(Boolean);
  const text = `${words.join(" ")} since ${verdict.since}: ${verdict.because}`;
  return `PARALLAX ${STATES[state]} - ${plain(text)} | ${performanceOf(verdict, timing)}`;
};
