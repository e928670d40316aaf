/**
 * How long a program goes on with a node that has died: fed by us, and by its own health check with its defaults. One run, with the same
 * deaths observed by all programs.
 */
import { setTimeout as wait } from "node:timers/promises";
import { until } from "../../scripts/until.ts";
import type { Row } from "./consumer.ts";
import { gdnsdWitnesses } from "./times/gdnsd.ts";
import { haproxyWitnesses } from "./times/haproxy.ts";
import { powerdnsWitnesses } from "./times/powerdns.ts";
import { pairOf, type Pairs, type Witness } from "./times/witness.ts";
import type { World } from "./world.ts";

const DEATHS = 3;
/** Between two deaths: longer than it takes to notice one. */
const APART_MS = 5_300;
const LOOK_EVERY_MS = 50;
/** A node that got no request for this long counts as left. */
const QUIET_MS = 5_000;
const LONGEST_MS = 150_000;
const READY_WITHIN_MS = 40_000;

const SCHEDULED = Array.from({ length: DEATHS }, (_, index) => `timed${index + 1}`);
const NOTICED = Array.from({ length: DEATHS }, (_, index) => `noticed${index + 1}`);
const SITES = [...SCHEDULED, ...NOTICED];

/** Until when the dead node was used, in milliseconds after its death; undefined if that never ended. */
const watchDeath = async (witness: Witness, site: string, diedAt: number): Promise<number | undefined> => {
  let last = 0;
  for (;;) {
    const at = performance.now() - diedAt;
    if (await witness.isStillUsed(site).catch(() => false)) last = at;
    if (at > last + QUIET_MS) return last;
    if (at > LONGEST_MS) return undefined;
    await wait(LOOK_EVERY_MS);
  }
};

const rowOf = (name: string, site: string, lastMs: number | undefined): Row => ({
  scenario: `times/${name}/${site}`,
  verdict: "process_crashed",
  fault: "fine",
  expected: "left",
  did: lastMs === undefined ? "stayed" : "left",
  ok: lastMs !== undefined,
  seconds: Number(((lastMs ?? LONGEST_MS) / 1_000).toFixed(2)),
  violations: 0,
  detail: "",
});

/** The needs of the times, besides those of the consumers. */
export const TIMES_NEED = {
  name: "times",
  needs: { commands: { haproxy: "haproxy", pdns_server: "pdns-server pdns-backend-bind", gdnsd: "gdnsd" } },
};

/** The measurement, part of which goes on. */
export interface Times {
  /** Resolves with all rows once the slowest has left its dead node. */
  rows: Promise<Row[]>;
  stop(): Promise<void>;
}

/** Starts everything, kills one primary after the other, and returns once all but the slow programs have left them. */
export const runTimes = async (world: World, tell: (what: string) => void): Promise<Times> => {
  tell("starting programs for the times");
  const made = await Promise.all(SITES.map(async (site) => [site, await world.pair(site)] as const));
  const pairs: Pairs = new Map(made);
  const groups = await Promise.all([
    haproxyWitnesses(world, pairs),
    powerdnsWitnesses(world, pairs),
    gdnsdWitnesses(world, pairs),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.allSettled(groups.map((group) => group.stop()));
  };
  try {
    const judge: Witness = {
      name: "verdict",
      isSlow: false,
      isStillUsed: async (site) => {
        const { verdict, confirmed } = await world.detector.api.verdict(pairOf(pairs, site).primary.key);
        return !(verdict === "process_crashed" && confirmed);
      },
    };
    const witnesses = [judge, ...groups.flatMap((group) => group.witnesses)];
    return { ...(await killAll(world, pairs, witnesses, tell)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const killAll = async (
  world: World,
  pairs: Pairs,
  witnesses: readonly Witness[],
  tell: (what: string) => void,
): Promise<Pick<Times, "rows">> => {
  const quick: Promise<Row>[] = [];
  const slow: Promise<Row>[] = [];
  await allNamed(pairs, witnesses);
  for (const site of SITES) {
    const { primary } = pairOf(pairs, site);
    const isNoticed = NOTICED.includes(site);
    const token = isNoticed
      ? await world.detector.api.makeToken({ scope: "notify", ...primary.key })
      : undefined;
    const stop = new AbortController();
    const loads = witnesses.flatMap(({ load }) => (load === undefined ? [] : [load(site, stop.signal)]));
    for (const witness of witnesses) await witness.isStillUsed(site);
    await wait(Math.random() * 1_000);
    tell(`kill -9 ${site}${isNoticed ? ", and its agent says so" : ""}`);
    const diedAt = performance.now();
    await primary.node.kill();
    // As `parallax agent` does the moment its child is gone.
    const notice = { kind: "crash", bootId: "one" };
    if (token !== undefined) await world.detector.api.say(primary.key, "notices", notice, token.token);
    const watch = (witness: Witness): Promise<Row> =>
      watchDeath(witness, site, diedAt).then((lastMs) => rowOf(witness.name, site, lastMs));
    const watched = witnesses.filter(({ isSlow }) => !isSlow).map(watch);
    quick.push(...watched);
    if (site === SCHEDULED[0]) slow.push(...witnesses.filter(({ isSlow }) => isSlow).map(watch));
    void Promise.all(watched).then(async () => {
      stop.abort();
      await Promise.all(loads);
    });
    await wait(APART_MS);
  }
  const done = await Promise.all(quick);
  return { rows: Promise.all(slow).then((rows) => [...done, ...rows]) };
};

/** Waits until every name server names the primaries: then their first checks are over. */
const allNamed = async (pairs: Pairs, witnesses: readonly Witness[]): Promise<void> => {
  const naming = witnesses.filter(
    ({ load, name, isSlow }) => load === undefined && name !== "verdict" && !isSlow,
  );
  for (const witness of naming)
    for (const site of pairs.keys())
      await until(() => witness.isStillUsed(site), {
        withinMs: READY_WITHIN_MS,
        explain: () => `${witness.name} does not name the primary of ${site}`,
      });
};
