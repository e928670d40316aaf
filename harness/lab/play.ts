import { setTimeout as wait } from "node:timers/promises";
import { until } from "../../scripts/until.ts";
import type { VerdictAnswer } from "../../src/domain/verdict.ts";
import { touch } from "./feel.ts";
import {
  type Choice,
  condemns,
  type Expected,
  meets,
  type Proof,
  type Scenario,
  type Staged,
} from "./scenario.ts";
import { nameOf } from "../world/world.ts";
import type { Told, Watched } from "./watch.ts";
import { allWell, renew, type World } from "./world.ts";

/** The outcome of a scenario. */
export interface Row {
  scenario: Scenario;
  seed: number;
  /** The target, as site/target. */
  name: string;
  verdict: VerdictAnswer | undefined;
  /** Further findings, for people. */
  note: string;
  /** From the fault until the verdict was first published; 0 if it never had to change. */
  seconds: number;
  up: number;
  avoid: number;
  failover: number;
  /** Answers of 200 by the /failover of any target whose process lived. */
  violations: number;
  /** From the end of the fault until all was well again. */
  recoveredSeconds: number;
  /** What is wrong, a sentence each; empty when all is right. */
  wrong: string[];
}

/** How long a right verdict must stay right. */
const HOLD_MS = 5_000;

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** How a scenario is played. */
export interface Turn {
  seed: number;
  choice: Choice;
  leadMs: number;
  /** The sites that the scenario observes and affects: another may be played beside it in the other site. */
  sites: readonly string[];
}

/**
 * Waits until all is well, lets the fault happen, proves by real connections that it did, waits for the
 * verdict, undoes the fault and waits until all is well again.
 */
export const play = async (
  world: World,
  scenario: Scenario,
  { seed, choice, leadMs, sites }: Turn,
): Promise<Row> => {
  const row: Row = blank(scenario, seed);
  try {
    await allWell(world, sites);
  } catch (error) {
    row.wrong.push(`before: ${wordsOf(error)}`);
  }
  await wait(leadMs);
  const staged = scenario.stage(world, choice);
  row.name = nameOf(staged.key);
  row.note = staged.note ?? "";
  const begin = Date.now();
  try {
    await staged.fault.apply();
    row.wrong.push(...(await unproven(staged.proof)));
    row.wrong.push(...((await staged.during?.(begin)) ?? []));
    await settle(world, staged, begin, row);
  } catch (error) {
    row.wrong.push(wordsOf(error));
  }
  row.wrong.push(...offences(world, staged, begin, sites));
  row.wrong.push(...(await recover(world, staged, begin, sites, row)));
  for (const watched of watchedIn(world, sites)) {
    row.violations += watched.violationsSince(begin).length;
    row.wrong.push(...(await gapsOf(world, watched, begin)));
  }
  const moved = watchedIn(world, sites).filter(({ told }) => told.some(({ verdict }) => isMoved(verdict)));
  await renew(
    world,
    moved.map(({ key }) => key),
  );
  return row;
};

const isMoved = ({ verdict }: VerdictAnswer): boolean => verdict !== "alive" && verdict !== "unknown";

const blank = (scenario: Scenario, seed: number): Row => ({
  scenario,
  seed,
  name: "",
  verdict: undefined,
  note: "",
  seconds: 0,
  up: 0,
  avoid: 0,
  failover: 0,
  violations: 0,
  recoveredSeconds: 0,
  wrong: [],
});

const watchedIn = ({ watch }: World, sites: readonly string[]): Watched[] =>
  watch.targets.filter(({ key }) => sites.includes(key.site));

/** The connections that should have proven the fault, but met something else. */
const unproven = async (proof: readonly Proof[]): Promise<string[]> => {
  const met = await Promise.all(
    proof.map(async ({ from, to, port, meets: expected }) => {
      const found = await touch(from, to, port);
      return expected.includes(found)
        ? []
        : [`no fault: ${from} → ${to}:${port} ${found}, not ${expected.join(" or ")}`];
    }),
  );
  return met.flat();
};

/** Waits for the expected verdict and then reads the checks. */
const settle = async (world: World, staged: Staged, begin: number, row: Row): Promise<void> => {
  const { expected } = staged;
  const watched = world.watch.of(staged.key);
  if (expected.kind === "stay") await wait(begin + expected.withinMs - Date.now());
  else await reach(watched, expected, begin, row);
  row.verdict = watched.last;
  row.seconds = (sinceWhen(watched, expected, begin) - begin) / 1_000;
  const { api } = world.detector;
  for (const check of ["up", "avoid", "failover"] as const) {
    row[check] = await api.check(staged.key, check);
    const allowed: readonly number[] = check === "failover" ? [expected.failover] : expected[check];
    if (!allowed.includes(row[check])) row.wrong.push(`/${check} ${row[check]}, not ${allowed.join(" or ")}`);
  }
};

const reach = async (watched: Watched, expected: Expected, begin: number, row: Row): Promise<void> => {
  const { last: before } = watched;
  let last = before;
  try {
    await until(
      () => {
        ({ last } = watched);
        const other = watched.told.findLastIndex(({ verdict }) => !meets(verdict, expected));
        const since = watched.told[other + 1]?.at ?? Infinity;
        return last !== undefined && meets(last, expected) && Date.now() - Math.max(since, begin) > HOLD_MS;
      },
      {
        withinMs: begin + expected.withinMs + HOLD_MS - Date.now(),
        everyMs: 50,
        explain: () => `${describe(last)}, not ${expected.verdicts.join(" or ")}`,
      },
    );
  } catch (error) {
    row.wrong.push(wordsOf(error));
  }
};

/** The details that explain a verdict. */
const describe = (verdict: VerdictAnswer | undefined): string => {
  if (verdict === undefined) return "no verdict";
  const { confirmed, scope, because, beliefs, evidence, notCounted } = verdict;
  const seen = evidence.map(
    ({ vantage, outcome, stage, detail }) => `${vantage} ${outcome}/${stage}/${detail ?? ""}`,
  );
  return `${verdict.verdict} (confirmed ${confirmed}, scope ${scope}): ${because}; beliefs ${JSON.stringify(beliefs)}; evidence ${seen.join(", ")}; not counted ${JSON.stringify(notCounted)}`;
};

/** When the current verdict was first published, or the fault's begin if the verdict is older. */
const sinceWhen = (watched: Watched, { kind }: Expected, begin: number): number => {
  const told = watched.toldSince(begin);
  const now = told.at(-1)?.verdict;
  const isOther = ({ verdict }: Told): boolean =>
    verdict.verdict !== now?.verdict || verdict.confirmed !== now.confirmed;
  // A verdict that may come and go counts from its first occurrence, another from when it came to stay.
  const index = kind === "stay" ? told.findIndex((one) => !isOther(one)) : told.findLastIndex(isOther) + 1;
  return Math.max(begin, told[index]?.at ?? begin);
};

/** Verdicts that were published during the fault and may never be. */
const offences = (world: World, staged: Staged, begin: number, sites: readonly string[]): string[] =>
  watchedIn(world, sites).flatMap((watched) => {
    const name = nameOf(watched.key);
    const told = watched.toldSince(begin);
    const isSubject = watched.key === staged.key;
    const mayDie = isSubject && staged.expected.failover === 200;
    const condemned = mayDie ? undefined : told.find(({ verdict }) => condemns(verdict));
    const allowed = isSubject
      ? staged.expected.kind === "stay"
        ? staged.expected.verdicts
        : undefined
      : (staged.others?.[name] ?? ["alive"]);
    const moved: Told | undefined =
      allowed === undefined ? undefined : told.find(({ verdict }) => !allowed.includes(verdict.verdict));
    const odd = [...new Set(watched.odd)];
    return [
      ...(condemned === undefined ? [] : [`${name} was condemned: ${describe(condemned.verdict)}`]),
      ...(moved === undefined
        ? []
        : [`${name} was not left ${allowed?.join(" or ")}: ${describe(moved.verdict)}`]),
      ...(odd.length === 0 ? [] : [`/failover of ${name} answered ${odd.join(", ")}`]),
    ];
  });

const recover = async (
  world: World,
  { fault, after }: Staged,
  begin: number,
  sites: readonly string[],
  row: Row,
): Promise<string[]> => {
  const undone = performance.now();
  try {
    await fault.undo();
    await allWell(world, sites);
    row.recoveredSeconds = (performance.now() - undone) / 1_000;
    return (await after?.(begin)) ?? [];
  } catch (error) {
    return [`after: ${wordsOf(error)}`];
  }
};

/** Sequences that the history lacks or repeats, since an instant. */
const gapsOf = async ({ detector }: World, watched: Watched, begin: number): Promise<string[]> => {
  const { key } = watched;
  const told = watched.toldSince(begin).map(({ verdict }) => verdict.sequence);
  // A target that was created anew continues after the sequences of its removed predecessors.
  const first = Math.min(...told);
  const known = (await detector.api.history(key))
    .map(({ sequence }) => sequence)
    .filter((one) => one >= first);
  const isWhole = known.every((sequence, index) => sequence === (known[0] ?? 0) - index);
  const lacking = told.filter((one) => one !== 0 && !known.includes(one));
  return [
    ...(isWhole ? [] : [`the history of ${nameOf(key)} has a gap: ${known.join(", ")}`]),
    ...(lacking.length === 0 ? [] : [`the history of ${nameOf(key)} lacks ${lacking.join(", ")}`]),
  ];
};
