/** All consumers beside one world, through each fault once. */
import { setTimeout as wait } from "node:timers/promises";
import { inWords } from "../../scripts/machine.ts";
import type { Consumer, Observation, Row, Running } from "./consumer.ts";
import { type Door, type Fault, FAULTS } from "./faults.ts";
import { type State, TRUTHS } from "./state.ts";
import type { World } from "./world.ts";

const LOOK_EVERY_MS = 1_000;
/** For a consumer that asks only when observed: each look starts its processes. */
const ASK_EVERY_MS = 5_000;
/** Time beyond the rounds that a consumer must get: this machine may be busy. Recovery gets three times as long. */
const GRACE_MS = 15_000;

/** A consumer while it runs. */
export interface Seat {
  consumer: Consumer;
  running: Running;
  /** The doors by which it polls us; undefined if it has none of its own. */
  doors: readonly Door[];
}

interface Look extends Observation {
  /** Milliseconds from the change of the API until the consumer was first seen to do this. */
  sinceMs: number;
  violations: number;
}

const requestsOf = ({ doors }: Seat): number => doors.reduce((sum, { requests }) => sum + requests, 0);

/** A look that failed shows nothing, not even a switch. */
const UNSEEN = "not to be seen";

/** Replaces what each look saw: the consumer sent us no request, so its behaviour shows nothing. */
const silenced = (looks: ReadonlyMap<State, Look>): Map<State, Look> =>
  new Map([...looks].map(([state, look]) => [state, { ...look, did: "asked nothing", detail: look.did }]));

const failed = (error: unknown): Observation => ({
  did: UNSEEN,
  detail: error instanceof Error ? error.message : String(error),
});

/**
 * Watches one consumer from the moment the API changed: at least until its rounds are over, and then until it does what is expected or the
 * deadline is past. A switch seen at any look counts.
 */
const watch = async (
  seat: Seat,
  fault: Fault,
  begin: number,
  patienceMs: number,
): Promise<Map<State, Look>> => {
  const { consumer, running } = seat;
  const held = fault === "fine" ? consumer.pollMs : consumer.pollMs * consumer.rounds;
  const deadline = held + patienceMs * (fault === "fine" ? 3 : 1);
  const asked = requestsOf(seat);
  const looks = new Map<State, Look>();
  const look = async (state: State): Promise<boolean> => {
    const sinceMs = performance.now() - begin;
    const seen = await running.observe(state).catch(failed);
    const last = looks.get(state);
    const isWrong =
      seen.did !== UNSEEN &&
      consumer.isSwitch(seen.did) &&
      !consumer.isSwitch(consumer.expects(state, "fine"));
    looks.set(state, {
      ...seen,
      sinceMs: last === undefined ? 0 : last.did === seen.did ? last.sinceMs : sinceMs,
      violations: (last?.violations ?? 0) + (isWrong ? 1 : 0),
    });
    return seen.did === consumer.expects(state, fault);
  };
  for (;;) {
    const right = (await Promise.all(consumer.states.map(look))).every((one) => one);
    const elapsed = performance.now() - begin;
    // A consumer that sent no request has shown nothing.
    const wasAsked = fault === "gone" || seat.doors.length === 0 || requestsOf(seat) > asked;
    if (elapsed >= held && right && wasAsked) return looks;
    if (elapsed >= deadline) return wasAsked ? looks : silenced(looks);
    await wait(Math.min(consumer.pollMs === 0 ? ASK_EVERY_MS : LOOK_EVERY_MS, deadline - elapsed));
  }
};

const rowsOf = ({ consumer }: Seat, fault: Fault, looks: Map<State, Look>): Row[] =>
  consumer.states.map((state) => {
    const { did = "", detail = "", sinceMs = 0, violations = 0 } = looks.get(state) ?? {};
    const expected = consumer.expects(state, fault);
    return {
      scenario: `${consumer.name}/${state}`,
      verdict: TRUTHS[state].verdict,
      fault,
      expected,
      did,
      ok: did === expected && (!consumer.recommended || violations === 0),
      seconds: Number((sinceMs / 1_000).toFixed(1)),
      violations,
      detail,
    };
  });

/** Further rows about one consumer; if that fails, the rows of the others are kept. */
const alsoOf = async ({ consumer, running }: Seat, tell: (what: string) => void): Promise<Row[]> => {
  try {
    return (await running.also?.()) ?? [];
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    tell(`  WRONG ${consumer.name}: ${detail}`);
    const nothing = { verdict: "", fault: "", expected: "shown", did: "failed", ok: false };
    const scenario = `${consumer.name}: what else is shown`;
    return [{ ...nothing, scenario, seconds: 0, violations: 0, detail: detail.split("\n")[0] ?? "" }];
  }
};

/** The rows of every consumer in every state under every fault; calls `tell` with each step. */
export const runMatrix = async (
  world: Pick<World, "faults" | "ills" | "machine">,
  seats: readonly Seat[],
  tell: (what: string) => void,
  patienceMs = GRACE_MS,
): Promise<Row[]> => {
  const rows: Row[] = [];
  const play = async (fault: Fault, isShown: boolean): Promise<void> => {
    tell(`API ${fault}`);
    const begin = performance.now();
    await world.faults.switchTo(fault);
    const found = await Promise.all(
      seats.map(async (seat) => rowsOf(seat, fault, await watch(seat, fault, begin, patienceMs))),
    );
    const machine = inWords(await world.machine.strain());
    const all = found.flat().map((row) => (row.ok ? row : { ...row, detail: `${row.detail}; ${machine}` }));
    for (const row of all.filter(({ ok }) => !ok))
      tell(`  WRONG ${row.scenario} ${row.fault}: ${row.did}, not ${row.expected} ${row.detail}`);
    // Between the faults only wrong rows are of interest.
    rows.push(...all.filter((row) => isShown || !row.ok));
    const ills = await world.ills();
    if (ills !== "") throw new Error(`the world did not stay as it was: ${ills}; ${machine}`);
  };
  // What a program does before its first check is not tested here.
  tell("waiting for every consumer to have asked");
  await Promise.all(seats.map((seat) => watch(seat, "fine", performance.now(), patienceMs)));
  await play("fine", true);
  for (const fault of FAULTS) {
    await play(fault, true);
    await play("fine", false);
  }
  tell("waiting for what else is shown");
  const others = await Promise.all(seats.map((seat) => alsoOf(seat, tell)));
  return [...rows, ...others.flat()];
};
