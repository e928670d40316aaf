import type { VerdictAnswer } from "../../src/domain/verdict.ts";
import { pathOf } from "../detector-api.ts";
import { showing } from "./screen.ts";
import type { Step } from "./steps.ts";
import type { World } from "./world.ts";

/** The outcome of a step. */
export interface Result {
  step: Step;
  verdict: VerdictAnswer | undefined;
  seconds: number;
  up: number;
  failover: number;
  note: string;
  /** What was wrong, one sentence each; empty if all was right. */
  wrong: string[];
}

const EVERY_MS = 100;
/** Vantages look in turn: the first answer is not far. */
const WITHDRAWN_WITHIN_MS = 3_000;

/** Whether to go on; the result holds what has been found so far. */
type Stay = (result: Result) => boolean | Promise<boolean>;

/**
 * Lets a step happen and waits until everything it expects is so, or its time is up. Then `stay` has the say, while the step stands as it is;
 * and unless that says that all is to end, what the step leaves behind is put right.
 */
export const play = async (
  world: World,
  step: Step,
  stay: Stay,
): Promise<{ result: Result; goesOn: boolean }> => {
  const causedAt = Date.now();
  const begin = performance.now();
  const result: Result = { step, verdict: undefined, seconds: 0, up: 0, failover: 0, note: "", wrong: [] };
  await step.cause(world);
  await showing(
    () => `${result.verdict?.verdict ?? "no verdict yet"} · waiting for ${step.expected.verdict}`,
    settle(world, step, result, begin),
  );
  result.seconds = (performance.now() - begin) / 1_000;
  result.wrong.push(...wrongAdvice(world, step, causedAt), ...lateAdvice(world, step, causedAt));
  if (!(await stay(result))) return { result, goesOn: false };
  if (step.after !== undefined) {
    const mendedFrom = Date.now();
    result.wrong.push(...(await mend(world, step.after)), ...wrongAdvice(world, step, mendedFrom));
  }
  return { result, goesOn: true };
};

const mend = async (world: World, after: NonNullable<Step["after"]>): Promise<string[]> => {
  let ills = "";
  const mended = after(world, (now) => {
    ills = now;
  });
  try {
    await showing(() => `mending, until all are well again · ${ills}`, mended);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
};

const settle = async (world: World, step: Step, result: Result, begin: number): Promise<void> => {
  const deadline = begin + step.withinMs;
  for (;;) {
    result.wrong = await look(world, step, result);
    if (result.wrong.length === 0 || performance.now() > deadline) return;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
};

/** Reads everything that concerns the step into `result`; returns what is not as expected. */
const look = async ({ detector, ...world }: World, step: Step, result: Result): Promise<string[]> => {
  try {
    const [verdict, up, failover] = await Promise.all([
      detector.api.verdict(step.key),
      detector.api.check(step.key, "up"),
      detector.api.check(step.key, "failover"),
    ]);
    Object.assign(result, { verdict, up, failover });
    const wrong = differences(step, verdict);
    if (up !== step.up) wrong.push(`/up ${up}, not ${step.up}`);
    if (failover !== step.failover) wrong.push(`/failover ${failover}, not ${step.failover}`);
    if (wrong.length > 0 || step.also === undefined) return wrong;
    const note = await step.also({ detector, ...world });
    result.note = note ?? "";
    return note === undefined ? ["what else should hold does not"] : [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
};

const differences = ({ expected }: Step, verdict: VerdictAnswer): string[] => {
  const wrong: string[] = [];
  if (verdict.verdict !== expected.verdict) wrong.push(`${verdict.verdict}, not ${expected.verdict}`);
  if (expected.confirmed !== undefined && verdict.confirmed !== expected.confirmed)
    wrong.push(`confirmed: ${verdict.confirmed}`);
  if (expected.scope !== undefined && verdict.scope !== expected.scope) wrong.push(`scope: ${verdict.scope}`);
  if (expected.cutFrom !== undefined && verdict.unreachableFrom.join() !== expected.cutFrom.join())
    wrong.push(`unreachable from ${verdict.unreachableFrom.join() || "nowhere"}`);
  return wrong;
};

/** Every `/failover` 200 since the cause, from any node, that the step does not allow. */
const wrongAdvice = ({ poller }: World, step: Step, causedAt: number): string[] =>
  poller.seen
    .filter(({ key }) => !(key === step.key && (step.failover === 200 || step.withdraws === true)))
    .flatMap((seen) => {
      const count = seen.failovers.filter((at) => at >= causedAt).length;
      return count === 0 ? [] : [`/failover of ${pathOf(seen.key)} was 200 in ${count} polls`];
    });

/** A recovery must take a failover advice back with the first answer. */
const lateAdvice = ({ poller }: World, step: Step, causedAt: number): string[] => {
  if (step.withdraws !== true) return [];
  const last = poller.seen.find(({ key }) => key === step.key)?.failovers.at(-1) ?? causedAt;
  return last - causedAt > WITHDRAWN_WITHIN_MS ? [`/failover was still 200 after ${last - causedAt} ms`] : [];
};
