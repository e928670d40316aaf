/**
 * A small scripted world for the judge alone: vantages look in turn at nodes whose conditions the test sets, and answer the judge's bursts.
 * The world is deterministic, without loss and with one fixed delay.
 */
import type { EvidenceEvent, JudgedTarget } from "../../src/domain/evidence.ts";
import type { Observation } from "../../src/domain/observation.ts";
import type { Report } from "../../src/domain/report.ts";
import type { Policy } from "../../src/domain/target.ts";
import type { VerdictAnswer } from "../../src/domain/verdict.ts";
import { answerOf } from "../../src/verdict/verdict-answer.ts";
import { judge } from "../../src/verdict/judge.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { dumpState, loadState } from "../../src/verdict/memory/target-state.ts";
import { emptyState, type Change, type ShardState } from "../../src/verdict/memory/judge-state.ts";
import type { Condition } from "./condition.ts";
import { type Look, observe, type Placed } from "./placed.ts";

export const REGIONS = ["wnam", "enam", "weur", "eeur", "apac-ne", "apac-se", "oc"];
const START = 1_800_000_000_000;

/** The vantage that looks at a site from inside. */
export const insiderOf = (site: string): string => `in-${site}`;

interface Outstanding {
  at: number;
  report: Report;
}

export class World {
  now = START;
  state: ShardState = emptyState();
  readonly journal: { at: number; events: EvidenceEvent[] }[] = [];
  readonly changes: Change[] = [];
  /** Called after every judgement. */
  onJudged: () => void = () => {};
  /** Probes sent on the judge's request. */
  bursts = 0;
  readonly #nodes = new Map<string, Placed>();
  readonly #sequences = new Map<string, number>();
  readonly #ticks = new Map<string, number>();
  readonly #mute = new Set<string>();
  readonly #controls = new Map<string, boolean>();
  readonly #colos = new Map<string, string>();
  #drill: Look["drill"] = null;
  #underway: Outstanding[] = [];
  #wakeAt = Infinity;
  readonly #intervalMs: number;
  readonly #regions: string[];
  readonly #asText: boolean;

  readonly #inside: ReadonlySet<string>;

  /**
   * `inside`: sites with a vantage inside; `elsewhere`: regions in another provider's network; `asText: false` keeps the state as it is. To
   * put it through text takes most of a world's time.
   */
  constructor({
    intervalMs = 5_000,
    regions = REGIONS,
    inside = [],
    elsewhere = [],
    asText = true,
  }: {
    intervalMs?: number;
    regions?: string[];
    inside?: string[];
    elsewhere?: string[];
    asText?: boolean;
  } = {}) {
    this.#asText = asText;
    this.#intervalMs = intervalMs;
    this.#regions = regions;
    this.#inside = new Set(inside.map(insiderOf));
    const remote = { kind: "remote" as const, provider: "other" };
    this.tell({
      kind: "roster",
      vantages: [
        ...regions.map((id) =>
          elsewhere.includes(id)
            ? { id, region: id, ...remote }
            : { id, kind: "regional" as const, region: id, provider: "cloudflare" },
        ),
        ...inside.map((site) => ({ id: insiderOf(site), region: site, site, ...remote })),
      ],
    });
    const all = [...regions, ...this.#inside];
    all.forEach((id, rank) => this.#ticks.set(id, START + Math.floor((rank * intervalMs) / all.length)));
  }

  /** Adds `site/target`, in good health unless `condition` says otherwise. */
  place(
    key: string,
    {
      policy = {},
      witness = false,
      condition = "ok",
    }: { policy?: Policy; witness?: boolean; condition?: Condition } = {},
  ): void {
    const [site = "", target = ""] = key.split("/");
    const judged: JudgedTarget = {
      site,
      target,
      intervalMs: this.#intervalMs,
      timeoutMs: 2_000,
      vantages: [...this.#regions, ...(this.#inside.has(insiderOf(site)) ? [insiderOf(site)] : [])],
      hasWitness: witness,
      paused: false,
      policy,
    };
    this.#nodes.set(key, {
      judged,
      condition,
      witness: witness ? "ok" : null,
      seenAs: new Map(),
      connectMs: new Map(),
      probes: 0,
    });
    this.tell({ kind: "target", target: judged, url: `tcp://${key}`, version: 1 });
  }

  /** Changes a target's configuration. */
  configure(key: string, change: Partial<JudgedTarget>): void {
    const node = this.#node(key);
    node.judged = { ...node.judged, ...change };
    this.tell({ kind: "target", target: node.judged, url: `tcp://${key}`, version: 1 });
  }

  /** Sets how a node answers all vantages outside of its site. */
  setOutside(key: string, condition: Condition): void {
    this.set(key, condition, this.#regions);
  }

  /** Sets how a node answers, to all vantages or to some. */
  set(key: string, condition: Condition, vantages?: string[]): void {
    const node = this.#node(key);
    if (vantages === undefined) {
      node.condition = condition;
      node.seenAs.clear();
    } else for (const vantage of vantages) node.seenAs.set(vantage, condition);
  }

  /** From now on the node's healthy connects are measured, and take this long. */
  connectTakes(key: string, connectMs: number, vantages = this.#regions): void {
    for (const vantage of vantages) this.#node(key).connectMs.set(vantage, connectMs);
  }

  setWitness(key: string, condition: Condition): void {
    this.#node(key).witness = condition;
  }

  /** Stops a vantage's reports, or lets them come again. */
  mute(vantage: string, muted = true): void {
    if (muted) this.#mute.add(vantage);
    else this.#mute.delete(vantage);
  }

  /** From now on the vantage reports that it runs in this data centre. */
  standIn(vantage: string, colo: string): void {
    this.#colos.set(vantage, colo);
  }

  /** From now on the vantage reports a control that answers or not. */
  control(vantage: string, answers: boolean): void {
    this.#controls.set(vantage, answers);
  }

  /** From now on failing observations carry this drill's mark. */
  markDrill(mark: { id: string; live: boolean }): void {
    this.#drill = mark;
  }

  answer(key: string): VerdictAnswer {
    const answered = answerOf(this.state, key, this.now, TUNING);
    if (answered === null) throw new Error(`no target ${key}`);
    return answered.answer;
  }

  /** The newest outcomes of these vantages in the target's evidence. */
  evidenceOf(key: string, vantages: string[]): string[] {
    return this.answer(key)
      .evidence.filter(({ vantage }) => vantages.includes(vantage))
      .map(({ outcome }) => outcome);
  }

  tell(event: EvidenceEvent): void {
    this.#judge([event]);
  }

  /** Lets time pass. */
  run(forMs: number): void {
    const end = this.now + forMs;
    for (;;) {
      const tick = [...this.#ticks].toSorted((a, b) => a[1] - b[1])[0] ?? ["", Infinity];
      const arrival = this.#underway.toSorted((a, b) => a.at - b.at)[0];
      const at = Math.min(tick[1], arrival?.at ?? Infinity, this.#wakeAt);
      if (at > end) break;
      this.now = Math.max(this.now, at);
      if (arrival?.at === at) {
        this.#underway = this.#underway.filter((one) => one !== arrival);
        this.tell({ kind: "report", report: arrival.report });
      } else if (tick[1] === at) {
        this.#ticks.set(tick[0], at + this.#intervalMs);
        // As in the schedule, each vantage looks at a witness in one round of four.
        const round = Math.floor((at - START) / this.#intervalMs);
        const isWitnessed = (round + [...this.#ticks.keys()].indexOf(tick[0])) % 4 === 0;
        this.#probe(
          tick[0],
          [...this.#nodes].flatMap(([key, { witness }]) => [
            { key, witness: false },
            ...(isWitnessed && witness !== null ? [{ key, witness: true }] : []),
          ]),
        );
      } else this.#judge([]);
    }
    this.now = end;
  }

  /** Runs until `holds`, for at most `forMs`. Returns the milliseconds it took, or Infinity. */
  until(holds: () => boolean, forMs: number): number {
    const from = this.now;
    while (!holds()) {
      if (this.now - from >= forMs) return Infinity;
      this.run(50);
    }
    return this.now - from;
  }

  #node(key: string): Placed {
    const node = this.#nodes.get(key);
    if (node === undefined) throw new Error(`no node ${key}`);
    return node;
  }

  #judge(events: EvidenceEvent[]): void {
    this.journal.push({ at: this.now, events });
    const { state, changes, wanted, nextAt } = judge(this.state, events, this.now, TUNING);
    // Through text, as the state is stored. What does not survive that is a defect.
    this.state = this.#asText ? loadState(dumpState(state)) : state;
    this.changes.push(...changes);
    this.#wakeAt = Math.max(nextAt, this.now + 100);
    for (const { vantage, requests } of wanted) {
      this.bursts += requests.length;
      this.#probe(
        vantage,
        requests.map(({ site, target, subject }) => ({
          key: `${site}/${target}`,
          witness: subject === "witness",
        })),
      );
    }
    this.onJudged();
  }

  #probe(vantage: string, what: { key: string; witness: boolean }[]): void {
    if (this.#mute.has(vantage)) return;
    const observations = what.flatMap(({ key, witness }) => this.#observe(vantage, key, witness));
    const slowest = Math.max(0, ...observations.map(({ totalMs }) => totalMs));
    const sequence = (this.#sequences.get(vantage) ?? 0) + 1;
    this.#sequences.set(vantage, sequence);
    const answers = this.#controls.get(vantage);
    const colo = this.#colos.get(vantage);
    const control = {
      url: "tcp://control:1",
      begin: this.now,
      outcome: answers === true ? ("ok" as const) : ("connect_timeout" as const),
      stage: "connect" as const,
      totalMs: 1,
    };
    const report: Report = {
      vantage,
      sequence,
      madeAt: this.now + slowest,
      version: 1,
      dropped: 0,
      ...(colo === undefined ? {} : { colo }),
      observations,
      controls: answers === undefined ? [] : [control],
    };
    this.#underway.push({ at: this.now + slowest + 10, report });
  }

  #observe(vantage: string, key: string, witness: boolean): Observation[] {
    const node = this.#nodes.get(key);
    if (node === undefined || node.judged.paused || !node.judged.vantages.includes(vantage)) return [];
    return [observe(node, { vantage, witness, begin: this.now, drill: this.#drill })];
  }
}

/** A world of two sites, two nodes each, all alive. */
export const settledWorld = (options: ConstructorParameters<typeof World>[0] = {}): World => {
  const world = new World(options);
  for (const key of ["fra/db-1", "fra/db-2", "ams/web-1", "ams/web-2"]) world.place(key);
  world.run(20_000);
  return world;
};
