/** Parallax itself under simulation: production schedule, production judge, virtual time. */
import type { EvidenceEvent, JudgedTarget } from "../../../src/domain/evidence.ts";
import type { Assignment } from "../../../src/domain/report.ts";
import type { Policy } from "../../../src/domain/target.ts";
import { VERDICTS } from "../../../src/domain/verdict.ts";
import { REPORT_AFTER_MS } from "../../../src/schedule/round.ts";
import { TUNING, type Tuning } from "../../../src/verdict/tuning.ts";
import type { Amiss, Belief, Call, Detector, Run } from "../detector.ts";
import type { Reality, Seen, Word } from "../reality.ts";
import { type Bench, SimulatedAggregator } from "./aggregator.ts";
import { Timeline } from "./timeline.ts";
import { SimulatedVantage, takenAt, urlOf } from "./vantage.ts";

/** First looks come all at once and are no part of what watching costs. */
const START_UP_MS = 20_000;
const BELIEFS_EVERY_MS = 10_000;
/** Whose network the vantages stand in that are the detector's own. */
const REGIONAL_PROVIDER = "cloudflare";

/** What a node that lives and is not well does to a probe. */
const AMISS: ReadonlySet<Seen["outcome"]> = new Set(["app_error", "reset", "response_timeout"]);

export interface ParallaxOptions {
  name?: string;
  judge?: Partial<Tuning>;
  /** Of every target. */
  policy?: Policy;
  /** Who judges and who is told of it, where that is not the judge alone. */
  bench?: Pick<Partial<Bench>, "judge" | "onJudged">;
}

/** The places that look at a target, in the order in which they take turns. */
const lookersOf = (reality: Reality, site: string): string[] =>
  reality.places.filter((place) => place.site === undefined || place.site === site).map(({ id }) => id);

const judgedOf = (reality: Reality, policy: Policy): JudgedTarget[] =>
  reality.targets.map(({ site, target, witness, intervalMs, timeoutMs, policy: own }) => ({
    site,
    target,
    intervalMs: intervalMs ?? reality.intervalMs,
    timeoutMs: timeoutMs ?? reality.timeoutMs,
    vantages: lookersOf(reality, site),
    hasWitness: witness !== undefined,
    paused: false,
    policy: own ?? policy,
  }));

/** What one place has to do; its phase is its rank among those that look at the target. */
export const assignmentOf = (reality: Reality, place: string): Assignment => ({
  version: 1,
  vantage: place,
  shard: 0,
  controls: reality.controls.map(urlOf),
  drills: [],
  targets: reality.targets.flatMap(({ site, target, key, witness, ...own }) => {
    const lookers = lookersOf(reality, site);
    const rank = lookers.indexOf(place);
    if (rank < 0) return [];
    const { intervalMs = reality.intervalMs, timeoutMs = reality.timeoutMs } = own;
    const second = witness === undefined ? {} : { witness: urlOf(witness) };
    return [
      { site, target, url: urlOf(key), intervalMs, timeoutMs, phase: rank / lookers.length, ...second },
    ];
  }),
});

const eventOf = (reality: Reality, { kind, key }: Word, at: number): EvidenceEvent => {
  const [site = "", target = ""] = key.split("/");
  const bootId = "boot";
  const own = reality.targets.find((one) => one.key === key)?.heartbeatMs ?? reality.heartbeatMs;
  return kind === "heartbeat"
    ? { kind, heartbeat: { site, target, bootId, everyMs: own ?? undefined, at } }
    : { kind: "notice", notice: { site, target, kind, bootId, restarting: false, at } };
};

/** Calls as they could be read, without those that change neither label nor `confirmed`. */
const callsOf = (changes: SimulatedAggregator["changes"]): Pick<Run, "downs" | "ups" | "others"> => {
  const calls = { downs: [] as Call[], ups: [] as Call[], others: [] as Call[] };
  const standing = new Map<string, string>();
  for (const { at, change } of changes) {
    const key = `${change.site}/${change.target}`;
    const { to: label, confirmed } = change.transition;
    const says = `${label} ${confirmed}`;
    if (standing.get(key) === says) continue;
    standing.set(key, says);
    const list = VERDICTS[label].isDown ? calls.downs : label === "alive" ? calls.ups : calls.others;
    list.push({ key, at, label, confirmed });
  }
  return calls;
};

/** Parallax as a detector to be scored. */
export const createParallax = (options: ParallaxOptions = {}): Detector => ({
  name: options.name ?? "parallax",
  async run(reality, fromMs, untilMs) {
    const timeline = new Timeline(fromMs);
    const isTarget = new Set(reality.targets.map(({ key }) => key));
    const vantages = new Map<string, SimulatedVantage>();
    const beliefs: Belief[] = [];
    let probes = 0;
    const ask: ConstructorParameters<typeof SimulatedAggregator>[2] = (id, requests) => {
      if (!reality.canReport(id, timeline.now)) return;
      const arrivesAt = timeline.now + reality.transportMs(id, timeline.now);
      timeline.at(arrivesAt, () => vantages.get(id)?.probeNow(requests));
    };
    const aggregator = new SimulatedAggregator(timeline, { ...TUNING, ...options.judge }, ask, {
      ...options.bench,
      alarmAt: (at) => takenAt(reality, at),
    });
    const roster = reality.places.map(({ id, region, provider, site }) => ({
      id,
      kind: provider === REGIONAL_PROVIDER ? ("regional" as const) : ("remote" as const),
      region,
      provider,
      ...(site === undefined ? {} : { site }),
    }));
    const targets = judgedOf(reality, options.policy ?? {}).map((target): EvidenceEvent => ({
      kind: "target",
      target,
      url: urlOf(`${target.site}/${target.target}`),
      version: 1,
    }));
    const amiss: Amiss[] = [];
    const note = (key: string, seen: Seen): void => {
      if (!isTarget.has(key)) return;
      if (timeline.now >= fromMs + START_UP_MS) probes += 1;
      if (AMISS.has(seen.outcome))
        amiss.push({ key, at: timeline.now + Math.min(seen.tookMs, REPORT_AFTER_MS) });
    };
    const receive: SimulatedAggregator["receive"] = (reports) => aggregator.receive(reports);
    for (const { id } of reality.places)
      vantages.set(
        id,
        new SimulatedVantage(id, assignmentOf(reality, id), { reality, timeline, receive, note }),
      );
    aggregator.tell([{ kind: "roster", vantages: roster }, ...targets]);
    for (const word of reality.words)
      timeline.at(takenAt(reality, word.arrivesAt), () =>
        aggregator.tell([eventOf(reality, word, takenAt(reality, word.arrivesAt))]),
      );
    for (let at = fromMs + 2 * START_UP_MS; at < untilMs; at += BELIEFS_EVERY_MS)
      timeline.at(at, () => beliefs.push(...[...isTarget].flatMap((key) => aggregator.believe(key))));
    await timeline.run(untilMs);
    const { changes, observations, cpuMs } = aggregator;
    // As many as were sent after the start, for the whole time.
    const share = (untilMs - fromMs) / (untilMs - fromMs - START_UP_MS);
    return { ...callsOf(changes), beliefs, amiss, probes: Math.round(probes * share), observations, cpuMs };
  },
});
