/** Random fleets: what is watched, by how many, how often and with what at hand. */
import type { Policy } from "../../../src/domain/target.ts";
import type { Draw } from "../draw.ts";
import { DEFAULT_LAYOUT, DEFAULT_NETWORK, type Layout, type Network, type Placed, SITES } from "../layout.ts";

export interface Fleet {
  layout: Layout;
  network: Network;
  targets: readonly Placed[];
  /** Keys of targets that one process serves, or one host carries, by any of them; itself among them. */
  sharing: Record<"process" | "host", ReadonlyMap<string, readonly string[]>>;
}

/** Vantages: often few, where a quorum is hardly there. */
const VANTAGES = [3, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7, 7, 9, 9, 12, 16];
const INTERVALS_MS = [5_000, 5_000, 10_000, 10_000, 15_000, 30_000, 60_000];
const TIMEOUTS_MS = [1_000, 2_000, 5_000, 5_000];
const HEARTBEATS_MS = [2_000, 5_000, 10_000];
/** Mostly small, for speed: the last is as large as a site gets. */
const TARGETS = [1, 2, 2, 3, 3, 4, 5, 6, 8];
const LARGE_SITE = 50;
const LARGE_SHARE = 0.01;
/** Looks a second at the whole fleet: beyond it targets are left out, so that a world stays cheap. */
const LOOKS_MAX = 3;
const LOOKS_MAX_LARGE = 40;

const LOSSY: Network["loss"] = { goodLoss: 0.0045, badLoss: 0.6, goodMs: 80_000, badMs: 2_000 };
const LOSSLESS: Network["loss"] = { goodLoss: 0, badLoss: 0, goodMs: 250_000, badMs: 2_000 };

export const keyOf = ({ site, target }: Placed): string => `${site}/${target}`;

const policyOf = (draw: Draw, outsideProof: boolean): Policy => ({
  ...(outsideProof ? { outsideProof } : {}),
  ...(draw.isHit(0.1) ? { restartGraceMs: 10_000 } : {}),
  ...(draw.isHit(0.05) ? { minVantages: 2 } : {}),
  ...(draw.isHit(0.05) ? { expectedLoss: 0.1 } : {}),
});

interface Habits {
  intervalMs: number;
  isMixed: boolean;
  witness: number;
  heartbeats: number;
  outsideProof: boolean;
}

const placedIn = (draw: Draw, site: string, index: number, habits: Habits): Placed => {
  const intervalMs = habits.isMixed ? draw.pick(INTERVALS_MS) : habits.intervalMs;
  return {
    site,
    target: `n-${index + 1}`,
    intervalMs,
    timeoutMs: Math.min(draw.pick(TIMEOUTS_MS), intervalMs / 2),
    hasWitness: draw.isHit(habits.witness),
    heartbeatMs: draw.isHit(habits.heartbeats) ? draw.pick(HEARTBEATS_MS) : null,
    policy: policyOf(draw, habits.outsideProof),
  };
};

const siteOf = (draw: Draw, site: string, outsideProof: boolean): Placed[] => {
  const count = draw.isHit(LARGE_SHARE) ? LARGE_SITE : draw.pick(TARGETS);
  const habits: Habits = {
    intervalMs: draw.pick(INTERVALS_MS),
    isMixed: draw.isHit(0.4),
    witness: draw.pick([0, 0.5, 1]),
    heartbeats: draw.pick([0, 0, 0.5, 1]),
    outsideProof,
  };
  return Array.from({ length: count }, (_, index) => placedIn(draw, site, index, habits));
};

/** As many targets as are cheap to look at; the first of each site stays. */
const affordable = (targets: Placed[], vantages: number): Placed[] => {
  const most = targets.length > LARGE_SITE ? LOOKS_MAX_LARGE : LOOKS_MAX;
  let looks = 0;
  return targets.filter(({ target, intervalMs }) => {
    looks += (1_000 * vantages) / intervalMs;
    return target === "n-1" || looks <= most;
  });
};

/** Neighbours in a site, two by two, that share something: with this chance each. */
const pairs = (draw: Draw, targets: readonly Placed[], share: number): Map<string, readonly string[]> => {
  const together = new Map<string, readonly string[]>();
  for (let index = 0; index + 1 < targets.length; index += 2) {
    const pair = [targets[index] as Placed, targets[index + 1] as Placed];
    if (pair[0]?.site !== pair[1]?.site || !draw.isHit(share)) continue;
    const keys = pair.map(keyOf);
    for (const key of keys) together.set(key, keys);
  }
  return together;
};

export const fleetOf = (draw: Draw): Fleet => {
  const vantages = draw.pick(VANTAGES);
  const sites = SITES.slice(0, draw.pick([1, 2, 2, 3]));
  const outsideProof = draw.isHit(0.35);
  const all = sites.flatMap((site) => siteOf(draw, site, outsideProof && draw.isHit(0.8)));
  const targets = affordable(all, vantages);
  const transport = draw.pick([
    null,
    null,
    { medianMs: 200, sigma: 0.9, repeatShare: 0, repeatMs: 0 },
    { medianMs: 60, sigma: 0.6, repeatShare: 0.2, repeatMs: 4_000 },
  ]);
  const layout: Layout = {
    ...DEFAULT_LAYOUT,
    vantages,
    sites: sites.length,
    fleet: targets,
    insideOf: sites.filter(() => draw.isHit(0.35)),
    hasInside: true,
    controls: draw.pick([0, 1, 2, 2]),
    elsewhere: draw.pick([0, 0, 1, Math.floor(vantages / 2)]),
    hasNotices: draw.isHit(0.2),
    skewMaxMs: draw.pick([20, 20, 20, 300]),
    ...(transport === null ? {} : { transport }),
  };
  const loss = draw.pick([LOSSLESS, LOSSLESS, LOSSLESS, DEFAULT_NETWORK.loss, DEFAULT_NETWORK.loss, LOSSY]);
  return {
    layout,
    network: { ...DEFAULT_NETWORK, loss },
    targets,
    sharing: { process: pairs(draw, targets, 0.4), host: pairs(draw, targets, 0.25) },
  };
};

/** The fleet in one line. */
export const fleetWords = ({ layout, network, targets, sharing }: Fleet): string => {
  const intervals = [...new Set(targets.map(({ intervalMs }) => intervalMs / 1_000))].toSorted(
    (a, b) => a - b,
  );
  const count = (has: (target: Placed) => boolean): number => targets.filter(has).length;
  return [
    `${layout.vantages} vantages (${layout.elsewhere} elsewhere), ${layout.controls} controls`,
    `${targets.length} targets in ${layout.sites} sites each ${intervals.join("/")} s`,
    `${count(({ hasWitness }) => hasWitness)} with a witness`,
    `${count(({ heartbeatMs }) => heartbeatMs !== null)} with heartbeats`,
    `${count(({ policy }) => policy.outsideProof === true)} with outsideProof`,
    `inside of ${layout.insideOf?.join(", ") || "none"}`,
    `${sharing.process.size} sharing a process, ${sharing.host.size} a host`,
    network.loss.badLoss === 0 ? "no loss" : `loss every ${network.loss.goodMs / 1_000} s`,
    layout.transport === undefined ? "usual transport" : `transport ${JSON.stringify(layout.transport)}`,
  ].join("; ");
};
