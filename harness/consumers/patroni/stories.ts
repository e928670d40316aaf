/** Faults of a cluster, and whether Patroni promoted the standby. */
import type { DetectorApi } from "../../../scripts/detector-api.ts";
import { until } from "../../../scripts/until.ts";
import type { VerdictAnswer } from "../../../src/domain/verdict.ts";
import { FAULTS, type FaultProxy } from "../faults.ts";
import type { Row } from "../consumer.ts";
import type { Cluster } from "./cluster.ts";
import type { Member } from "./member.ts";

/** The vantages that are cut off from a leader. */
const CUT = ["wnam", "enam"];
const DRILL_MS = 600_000;
const VERDICT_WITHIN_MS = 30_000;
/** A leader key's time to live, a back-off of as long, and two loops of Patroni's. */
const ATTEMPT_WITHIN_MS = 75_000;
const REFUSALS_ENOUGH = 2;

const secondsSince = (begin: number): number => (Date.now() - begin) / 1_000;

const reach = (
  api: DetectorApi,
  cluster: Cluster,
  member: Member,
  holds: (answer: VerdictAnswer) => boolean,
): Promise<VerdictAnswer> => {
  let last: VerdictAnswer | undefined;
  return until(
    async () => {
      last = await api.verdict(cluster.keyOf(member));
      return holds(last) && last;
    },
    {
      withinMs: VERDICT_WITHIN_MS,
      explain: () => `${member.settings.name} is ${last?.verdict}: ${last?.because}`,
    },
  );
};

const nextRefusal = (cluster: Cluster, standby: Member, count = standby.refusals.length + 1): Promise<true> =>
  until(() => standby.refusals.length >= count || cluster.roles.writable.includes(standby.settings.name), {
    withinMs: ATTEMPT_WITHIN_MS,
    explain: () => `no promotion was tried\n${cluster.log}`,
  });

/** Since an instant: how often a member became writable, and how often two were at once. */
const watching = (cluster: Cluster, member: Member) => {
  const { roles } = cluster;
  const [changes, splits] = [roles.changes.length, roles.splits];
  return () => ({
    promotions: roles.changes
      .slice(changes)
      .filter(({ name, isWritable }) => isWritable && name === member.settings.name).length,
    splits: roles.splits - splits,
  });
};

/** The leader's Patroni hangs, so that its key expires, while its PostgreSQL serves and some of our vantages are cut off from it. */
export const playCut = async (cluster: Cluster, api: DetectorApi): Promise<Row> => {
  const { leader, standby } = await cluster.pair();
  const seen = watching(cluster, standby);
  const drill = await api.startDrill({
    ...cluster.keyOf(leader),
    fault: "silence",
    vantages: CUT,
    durationMs: DRILL_MS,
    live: true,
  });
  const { verdict } = await reach(api, cluster, leader, (now) => now.verdict === "partitioned");
  const begin = Date.now();
  await leader.freezePatroni();
  await nextRefusal(cluster, standby, standby.refusals.length + REFUSALS_ENOUGH);
  const kept = cluster.roles.writable.join("+") === leader.settings.name;
  const after = await api.verdict(cluster.keyOf(leader));
  const held = secondsSince(begin);
  await leader.thawPatroni();
  await api.stopDrill(drill.id);
  const mended = await cluster.whole();
  const { promotions, splits } = seen();
  const did = splits > 0 ? "split brain" : kept && promotions === 0 ? "no promotion" : "promoted";
  return {
    scenario: "patroni/hung, cut",
    verdict: after.verdict === verdict ? verdict : `${verdict}, then ${after.verdict}`,
    fault: "fine",
    expected: "no promotion",
    did,
    ok: did === "no promotion",
    seconds: 0,
    violations: promotions + splits,
    detail: `Patroni stopped by SIGSTOP, PostgreSQL serves, 2 of 7 vantages cut: ${REFUSALS_ENOUGH} promotions refused in ${held.toFixed(0)} s; one leader again ${(mended / 1_000).toFixed(0)} s after the cut`,
  };
};

/** The same without a gate: what Patroni does alone, on a machine without a watchdog. */
export const playUnguarded = async (cluster: Cluster): Promise<Row> => {
  const { leader, standby } = await cluster.pair();
  const seen = watching(cluster, standby);
  const begin = Date.now();
  await leader.freezePatroni();
  await until(() => seen().splits > 0, {
    withinMs: ATTEMPT_WITHIN_MS,
    explain: () => `no two leaders\n${cluster.log}`,
  });
  const seconds = secondsSince(begin);
  await Promise.all([cluster.write(leader), cluster.write(standby)]);
  return {
    scenario: "patroni-alone/hung",
    verdict: "not asked",
    fault: "fine",
    expected: "split brain",
    did: "split brain",
    ok: true,
    seconds,
    violations: 1,
    detail: "Patroni stopped by SIGSTOP, PostgreSQL serves: both took a write",
  };
};

/** Patroni and PostgreSQL of the leader are killed. */
export const playDeath = async (cluster: Cluster, api: DetectorApi): Promise<Row> => {
  const { leader, standby } = await cluster.pair();
  const seen = watching(cluster, standby);
  const begin = Date.now();
  await leader.kill();
  const confirmed = reach(
    api,
    cluster,
    leader,
    (now) => now.verdict === "process_crashed" && now.confirmed,
  ).then(() => secondsSince(begin));
  await until(() => cluster.roles.writable.includes(standby.settings.name), {
    withinMs: ATTEMPT_WITHIN_MS,
    explain: () => `not promoted\n${cluster.log}`,
  });
  const seconds = secondsSince(begin);
  await cluster.write(standby);
  const known = await confirmed;
  leader.start();
  const mended = await cluster.whole();
  await cluster.alive();
  const { splits } = seen();
  return {
    scenario: "patroni/killed",
    verdict: "process_crashed",
    fault: "fine",
    expected: "promoted",
    did: splits > 0 ? "split brain" : "promoted",
    ok: splits === 0 && known < seconds,
    seconds,
    violations: splits,
    detail: `kill -9 of Patroni and PostgreSQL: confirmed after ${known.toFixed(1)} s; took a write; the old leader follows ${(mended / 1_000).toFixed(0)} s after its restart`,
  };
};

/** An operator moves the leader: the old one steps down by itself, and reports that. */
export const playSwitchover = async (cluster: Cluster): Promise<Row> => {
  const { leader, standby } = await cluster.pair();
  const seen = watching(cluster, standby);
  const begin = Date.now();
  await leader.tell("/switchover", { leader: leader.settings.name, candidate: standby.settings.name });
  await until(() => cluster.roles.writable.includes(standby.settings.name), {
    withinMs: ATTEMPT_WITHIN_MS,
    explain: () => `not switched over\n${cluster.log}`,
  });
  const seconds = secondsSince(begin);
  await cluster.whole();
  const { splits } = seen();
  return {
    scenario: "patroni/switchover",
    verdict: "not asked",
    fault: "fine",
    expected: "promoted",
    did: splits > 0 ? "split brain" : "promoted",
    ok: splits === 0,
    seconds,
    violations: splits,
    detail: "by `patronictl switchover`: the old leader says itself that it follows",
  };
};

/** The leader is killed while our API fails, with every fault, one after the other. */
export const playOutage = async (cluster: Cluster, api: DetectorApi, faults: FaultProxy): Promise<Row[]> => {
  const { leader, standby } = await cluster.pair();
  const rows: Row[] = [];
  const begin = Date.now();
  const of = (fault: Row["fault"], expected: string, did: string, rest: Partial<Row>): Row => ({
    scenario: "patroni/killed",
    verdict: "process_crashed",
    fault,
    expected,
    did,
    ok: did === expected,
    seconds: 0,
    violations: 0,
    detail: "",
    ...rest,
  });
  await faults.switchTo(FAULTS[0]);
  await leader.kill();
  await reach(api, cluster, leader, (now) => now.verdict === "process_crashed" && now.confirmed);
  for (const fault of FAULTS) {
    await faults.switchTo(fault);
    const seen = watching(cluster, standby);
    const refused = standby.refusals.length;
    await nextRefusal(cluster, standby);
    const { promotions } = seen();
    const did = promotions > 0 ? "promoted" : "no promotion";
    const detail = `${standby.refusals.length - refused} refused ${secondsSince(begin).toFixed(0)} s after the death`;
    rows.push(of(fault, "no promotion", did, { violations: promotions, detail }));
  }
  await faults.switchTo("fine");
  const back = Date.now();
  await until(() => cluster.roles.writable.includes(standby.settings.name), {
    withinMs: ATTEMPT_WITHIN_MS,
    explain: () => `not promoted once the API was back\n${cluster.log}`,
  });
  await cluster.write(standby);
  const detail = "counted from the API's return";
  rows.push(of("fine", "promoted", "promoted", { seconds: secondsSince(back), detail }));
  return rows;
};
