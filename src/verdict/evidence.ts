/**
 * What a site's sightings leave to explain. Every answer, a refusal included, proves its target and
 * its path good at the moment it began; what came before is settled by it. So each silence counts by
 * where it lies: after both proofs it is the target's or the path's, after one of them it can only be
 * the other's, and after neither it was plain loss. (The idea of a last proof instead of onset
 * windows: a window of any length mistakes a second fault in one episode for the first.)
 */
import { HAZARD, LIKELIHOOD, PRIOR, PRIOR_PATH_CUT, RARE, type Cause } from "./likelihood.ts";
import { CAUSES, silenceNats, silentChance, type Silences, type SiteEvidence } from "./inference.ts";
import type { JudgePolicy } from "./policy.ts";
import type { Edge, ShardState, TargetState, VantageRecord } from "./state.ts";
import { freshnessMs, kindOf, type Kind } from "./votes.ts";

/** A silence this soon after another on the same edge belongs to the same burst of loss. */
const BURST_OF_LOSS_MS = 30_000;
/** The priors are the chances of a fault within about this long. */
const PRIOR_GAP_MS = 10_000;
/** Heartbeats count as arriving for this many of their periods. */
const HEARTBEAT_PERIODS = 3;
const HEARTBEAT_DEFAULT_MS = 10_000;

interface Seen {
  begin: number;
  kind: Kind;
  /** Follows another silence of the same edge closely. */
  repeat: boolean;
}

/** An edge's fresh sightings that are evidence, oldest first. */
const seenOn = (edge: Edge | undefined, since: number, policy: JudgePolicy): Seen[] => {
  const seen: Seen[] = [];
  for (const sighting of edge?.recent ?? []) {
    const kind = edge === undefined ? null : kindOf(sighting, edge, policy);
    if (kind === null || kind === "rejected") continue;
    const last = seen.at(-1);
    const repeat = last?.kind === "silent" && sighting.begin - last.begin < BURST_OF_LOSS_MS;
    seen.push({ begin: sighting.begin, kind, repeat });
  }
  return seen.filter(({ begin }) => begin >= since);
};

const newestAnswer = (seen: Seen[], edge: Edge | undefined): number =>
  Math.max(edge?.lastOk ?? 0, ...seen.filter(({ kind }) => kind !== "silent").map(({ begin }) => begin));

const countOf = (seen: Seen[], counts: (silence: Seen) => boolean): Silences => {
  const silences = seen.filter((one) => one.kind === "silent" && counts(one));
  const repeats = silences.filter(({ repeat }) => repeat).length;
  return { first: silences.length - repeats, repeats };
};

const sum = (a: Silences, b: Silences): Silences => ({
  first: a.first + b.first,
  repeats: a.repeats + b.repeats,
});

/**
 * Log-weights of a target's causes from its answers in order of time: a forward filter, which lets
 * one cause follow another (a crash, then the host's death) at a small hazard.
 */
const filtered = (
  answers: Seen[],
  start: Record<Cause, number>,
  unprovenMs: number,
): Record<Cause, number> => {
  let weights = { ...start };
  for (const { kind } of answers.toSorted((a, b) => a.begin - b.begin)) {
    const next = { ...weights };
    for (const cause of CAUSES)
      next[cause] = ((1 - HAZARD) * weights[cause] + HAZARD * PRIOR[cause]) * LIKELIHOOD[kind][cause];
    const total = CAUSES.reduce((all, cause) => all + next[cause], 0);
    for (const cause of CAUSES) next[cause] /= total;
    weights = next;
  }
  const nats = { ...weights };
  // Between its last answer and the newest look it may have met any fate anew.
  const leak = Math.min(1, unprovenMs / PRIOR_GAP_MS);
  for (const cause of CAUSES)
    nats[cause] = Math.log(weights[cause] + (cause === "up" ? 0 : leak * PRIOR[cause]));
  return nats;
};

/**
 * Where the filter starts. Of a process that has been hung for long the accepted connections are
 * forgotten, since its backlog is full: what stands remembers them.
 */
const startOf = ({ standing }: TargetState): Record<Cause, number> =>
  standing.verdict === "process_hung" ? { ...PRIOR, hung: 1, up: PRIOR.hung } : PRIOR;

/** What only the host can say beside its service: its witness and its heartbeat. */
const addHostSigns = (
  base: Record<Cause, number>,
  state: TargetState,
  sound: string[],
  now: number,
): void => {
  const newest = sound.flatMap((id) => state.witness.get(id)?.recent.at(-1) ?? []);
  const since = Math.max(0, ...[...state.edges.values()].map(({ lastOk }) => lastOk ?? 0));
  const after = newest.filter(({ begin }) => begin > since);
  const answers = after.filter(({ outcome }) => outcome === "ok" || outcome === "refused").length;
  if (answers * 2 > after.length) base.dead += Math.log(RARE);
  else if (after.length > 0)
    for (const cause of CAUSES) if (cause !== "dead") base[cause] += Math.log(HAZARD);
  const { heartbeat } = state;
  const period = heartbeat?.everyMs ?? HEARTBEAT_DEFAULT_MS;
  if (heartbeat === null || now - heartbeat.at > HEARTBEAT_PERIODS * period) return;
  base.dead += Math.log(RARE);
  base.crashed += Math.log(RARE);
};

/** The evidence of one site at `now`, from its sound vantages and unpaused targets, and the targets' keys in its order. */
export const siteEvidence = (
  shard: ShardState,
  site: string,
  now: number,
  policy: JudgePolicy,
): { evidence: SiteEvidence; keys: string[] } => {
  const records = [...shard.vantages.values()].filter(({ state }) => state === "sound");
  const states = [...shard.targets].filter(([, { target }]) => target.site === site && !target.paused);
  const seen = states.map(([, state]) => {
    const since = now - freshnessMs(state, policy);
    return records.map(({ vantage }) => seenOn(state.edges.get(vantage.id), since, policy));
  });
  const pathProof = records.map((record, path) => pathProofOf(record, states, seen, path));
  const targetProof = states.map(([, state], target) =>
    Math.max(
      0,
      ...records.map(({ vantage }, path) =>
        newestAnswer(seen[target]?.[path] ?? [], state.edges.get(vantage.id)),
      ),
    ),
  );
  return {
    keys: states.map(([key]) => key),
    evidence: {
      paths: records.map(({ vantage }, path) => ({
        cutPrior: PRIOR_PATH_CUT,
        inside: vantage.site === site,
        pathOnly: states
          .map((_, target) =>
            countOf(
              seen[target]?.[path] ?? [],
              ({ begin }) => begin > (pathProof[path] ?? 0) && begin <= (targetProof[target] ?? 0),
            ),
          )
          .reduce(sum, { first: 0, repeats: 0 }),
      })),
      targets: states.map(([, state], target) => {
        const proof = targetProof[target] ?? 0;
        const sightings = seen[target] ?? [];
        const base = filtered(
          sightings.flat().filter(({ kind }) => kind !== "silent"),
          startOf(state),
          Math.max(0, (state.asOf ?? proof) - proof),
        );
        addHostSigns(
          base,
          state,
          records.map(({ vantage }) => vantage.id),
          now,
        );
        const hungChance =
          state.standing.verdict === "process_hung" ? LIKELIHOOD.hung.hung : LIKELIHOOD.silent.hung;
        for (const [path, edge] of sightings.entries())
          addTargetOnly(
            base,
            countOf(edge, ({ begin }) => begin > proof && begin <= (pathProof[path] ?? 0)),
            hungChance,
          );
        const ambiguous = sightings.map((edge, path) =>
          countOf(edge, ({ begin }) => begin > proof && begin > (pathProof[path] ?? 0)),
        );
        return { base, ambiguous, hungChance };
      }),
    },
  };
};

const pathProofOf = (
  { vantage }: VantageRecord,
  states: [string, TargetState][],
  seen: Seen[][][],
  path: number,
): number =>
  Math.max(
    0,
    ...states.map(([, state], target) => {
      const witness = state.witness
        .get(vantage.id)
        ?.recent.filter(({ outcome }) => outcome === "ok")
        .at(-1);
      return Math.max(
        newestAnswer(seen[target]?.[path] ?? [], state.edges.get(vantage.id)),
        witness?.begin ?? 0,
      );
    }),
  );

/** Silences on a path that has answered for another target since: the target's own. */
const addTargetOnly = (base: Record<Cause, number>, silences: Silences, hungChance: number): void => {
  for (const cause of CAUSES) base[cause] += silenceNats(silences, silentChance(cause, hungChance));
};
