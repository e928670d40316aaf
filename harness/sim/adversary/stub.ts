/** Judges that break laws, and small worlds to break them in: a law that cannot fail is a defect. */
import type { Advice, Verdict } from "../../../src/domain/verdict.ts";
import { toInstant } from "../../../src/domain/instant.ts";
import { judge as production, type Judgement } from "../../../src/verdict/judge.ts";
import type { Change, TargetState } from "../../../src/verdict/memory/judge-state.ts";
import { ALL, KEY } from "../../../test/verdict/look.ts";
import { REGIONS, World } from "../../../test/verdict/world.ts";
import type { Judge } from "../parallax/aggregator.ts";
import { asTold, type Facts, type History, type Told } from "./history.ts";

export const NO_FACTS: Facts = {
  served: [],
  clear: [],
  unsound: [],
  stillSince: null,
  hale: [],
  held: [],
  backlogs: [],
};

/** What the scripted worlds watch with, and each so often. */
export const VANTAGES = REGIONS.slice(0, 5);
export const INTERVAL_MS = 5_000;

/** A world of two sites, settled. */
export const settled = (place: (world: World) => void = () => {}): World => {
  const world = new World({ regions: VANTAGES, intervalMs: INTERVAL_MS, asText: false });
  for (const key of ALL) world.place(key);
  place(world);
  world.run(20_000);
  return world;
};

export const toldIn = (world: World): Told[] => world.journal.map(({ at, events }) => ({ now: at, events }));

export const historyOf = (judge: Judge, world: World, facts: Partial<Facts> = {}): History => ({
  moments: asTold(judge, toldIn(world)),
  facts: { ...NO_FACTS, ...facts },
});

/** The production judge with something done to what it says. */
export const tampered =
  (change: (judgement: Judgement, events: Told["events"], now: number) => Judgement): Judge =>
  (before, events, now, tuning) =>
    change(production(before, events, now, tuning), events, now);

/** A transition of a target, or of the usual one. */
export const saying = (
  now: number,
  {
    to,
    confirmed = true,
    routing = "avoid",
    failover = false,
  }: Partial<Advice> & { to: Verdict; confirmed?: boolean },
  key = KEY,
): Change => {
  const [site = "", target = ""] = key.split("/");
  const advice: Advice = { routing, failover, regions: {}, reason: "" };
  const transition = { sequence: 1, at: toInstant(now), from: "alive" as const, to, rule: "stub", confirmed };
  return { site, target, transition: { ...transition, confidence: 1, because: "", advice, evidence: [] } };
};

/** The judgement with what is published of the usual target changed, as if that had stood all along. */
export const publishing = (
  judgement: Judgement,
  change: (state: TargetState) => Partial<TargetState["published"]>,
): Judgement => {
  const { state } = judgement;
  const target = state.targets.get(KEY);
  if (target === undefined) return judgement;
  const published = { ...target.published, ...change(target) };
  return {
    ...judgement,
    state: { ...state, targets: new Map(state.targets).set(KEY, { ...target, published }) },
  };
};
