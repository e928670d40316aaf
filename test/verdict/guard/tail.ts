/**
 * What may come next in a world, drawn without regard to sense: reports from anybody about anything,
 * late, twice or out of order, words of nodes and operators, changed rosters and targets, gaps in time.
 */
import type { EvidenceEvent, JudgedTarget } from "../../../src/domain/evidence.ts";
import type { Observation } from "../../../src/domain/observation.ts";
import { OutcomeSchema, StageSchema } from "../../../src/domain/outcome.ts";
import type { Vantage } from "../../../src/domain/vantage.ts";
import { VerdictSchema } from "../../../src/domain/verdict.ts";
import type { Draw } from "../../sim/draw.ts";
import type { StateBefore } from "./compare.ts";

const OUTCOMES = OutcomeSchema.options;
const STAGES = StageSchema.options;
const VERDICTS = VerdictSchema.options;
const BOOTS = ["b1", "b2", "b3"];

type Finding = Pick<Observation, "outcome" | "stage" | "totalMs">;

/** What the tail's targets answer most of the time, so that vantages often agree. */
type Moods = Map<string, Finding>;

/** Draws the events of one judgement; looks at the old judge's state alone, which stays as it is. */
export class Tail {
  readonly #draw: Draw;
  readonly #moods: Moods = new Map();
  /** How far vantages agree in this tail. */
  readonly #agreement: number;

  constructor(draw: Draw) {
    this.#draw = draw;
    this.#agreement = draw.pick([0.3, 0.8, 0.97]);
  }

  /** When the next judgement comes. */
  next(now: number, nextAt: number): number {
    const draw = this.#draw;
    if (draw.isHit(0.25) && nextAt > now && nextAt < now + 600_000) return nextAt;
    const longest = draw.pick([0, 300, 300, 1_500, 1_500, 6_000, 6_000, 30_000, 600_000]);
    return now + Math.floor(draw.between(0, longest));
  }

  events(state: StateBefore, now: number): EvidenceEvent[] {
    const draw = this.#draw;
    if (draw.isHit(0.12)) return [];
    const count = draw.pick([1, 1, 1, 2, 3, 8]);
    return Array.from({ length: count }, () => this.#event(state, now));
  }

  #event(state: StateBefore, now: number): EvidenceEvent {
    const draw = this.#draw;
    if (state.targets.size === 0 || draw.isHit(0.72)) return this.#report(state, now);
    const { target, url, version } = draw.pick([...state.targets.values()]);
    const name = { site: target.site, target: target.target };
    const bootId = draw.pick(BOOTS);
    switch (draw.pick(["heartbeat", "heartbeat", "notice", "notice", "override", "target", "rare"])) {
      case "heartbeat":
        return {
          kind: "heartbeat",
          heartbeat: { ...name, bootId, ...draw.pick([{}, { everyMs: 1_000 }, { everyMs: 5_000 }]), at: now },
        };
      case "notice": {
        const at = now - draw.pick([0, 100, 20_000]);
        const kind = draw.pick(["crash", "crash", "stop", "start"] as const);
        return { kind: "notice", notice: { ...name, kind, bootId, restarting: draw.isHit(0.3), at } };
      }
      case "override":
        return { kind: "override", ...name, override: this.#override(now) };
      case "target":
        return {
          kind: "target",
          target: this.#changed(target),
          url,
          version: version + draw.pick([0, 0, 1]),
        };
      default:
        return draw.isHit(0.5) ? { kind: "removed", ...name } : this.#roster(state);
    }
  }

  #override(now: number): Extract<EvidenceEvent, { kind: "override" }>["override"] {
    const draw = this.#draw;
    if (draw.isHit(0.4)) return null;
    const until = now + Math.floor(draw.between(1_000, 60_000));
    const reason = "drawn";
    if (draw.isHit(0.5)) return { verdict: draw.pick(VERDICTS), reason, until };
    const routing = draw.pick(["serve", "avoid"] as const);
    return { advice: draw.pick([{ routing }, { failover: draw.isHit(0.5) }]), reason, until };
  }

  #changed(target: JudgedTarget): JudgedTarget {
    const draw = this.#draw;
    const policy = draw.pick<JudgedTarget["policy"]>([
      {},
      { outsideProof: true },
      { minVantages: draw.pick([1, 2, 4, 8]) },
      { providers: 2 },
      { expectedLoss: draw.pick([0.05, 0.4]) },
      { restartGraceMs: draw.pick([0, 8_000]), outsideProof: true },
      { failoverOn: ["process_hung", { verdict: "unreachable", afterMs: 5_000 }] },
      { failoverOn: [] },
    ]);
    const { vantages } = target;
    return {
      ...target,
      policy,
      paused: draw.isHit(0.2),
      hasWitness: draw.isHit(0.4),
      intervalMs: draw.pick([target.intervalMs, 2_000, 60_000]),
      vantages: draw.isHit(0.7)
        ? vantages
        : draw.sample(vantages, Math.ceil(draw.between(0, vantages.length))),
    };
  }

  #roster(state: StateBefore): EvidenceEvent {
    const draw = this.#draw;
    const known = [...state.vantages.values()].map(({ vantage }) => vantage);
    const kept = known.filter(() => draw.isHit(0.85));
    const moved = kept.map((vantage): Vantage =>
      draw.isHit(0.8) ? vantage : { ...vantage, provider: draw.pick(["other", "cloudflare"]) },
    );
    const added: Vantage = { id: "new", kind: "remote", region: "new", provider: "other" };
    return { kind: "roster", vantages: draw.isHit(0.4) ? [...moved, added] : moved };
  }

  #report(state: StateBefore, now: number): EvidenceEvent {
    const draw = this.#draw;
    const ids = [...state.vantages.keys()];
    const vantage = ids.length === 0 || draw.isHit(0.01) ? "nobody" : draw.pick(ids);
    const sequence =
      (state.vantages.get(vantage)?.lastSequence ?? 0) + draw.pick([1, 1, 1, 1, 1, 1, 1, 0, 2]);
    const keys = [...state.targets.keys()];
    const looked = draw.sample(keys, Math.ceil(draw.between(0, keys.length)));
    const control = this.#finding("control", 0.9);
    const madeAt = now - draw.pick([0, 5, 5, 50, 4_000]);
    return {
      kind: "report",
      report: {
        vantage,
        sequence: Math.max(1, sequence),
        madeAt,
        version: draw.pick([1, 1, 1, 1, 1, 0, 2]),
        dropped: draw.pick([0, 0, 0, 3]),
        ...(draw.isHit(0.05) ? { colo: draw.pick(["FRA", "AMS"]) } : {}),
        observations: looked.flatMap((key) => this.#looks(key, madeAt)),
        controls: draw.isHit(0.3) ? [{ url: "tcp://control:1", begin: madeAt, ...control }] : [],
      },
    };
  }

  #looks(key: string, madeAt: number): Observation[] {
    const draw = this.#draw;
    const [site = "", target = ""] = key.split("/");
    return draw
      .pick([["target"], ["target"], ["target"], ["target", "witness"], ["witness"]] as const)
      .map((subject) => ({
        site,
        target,
        subject,
        begin: madeAt - Math.floor(draw.between(0, draw.pick([50, 2_000, 10_000, 60_000]))),
        ...this.#finding(`${key} ${subject}`, this.#agreement),
        ...(draw.isHit(0.2) ? { connectMs: draw.pick([1, 4, 12, 40]) } : {}),
        ...(draw.isHit(0.03) ? { proxied: true } : {}),
        ...(draw.isHit(0.03) ? { drill: { id: "d1", live: draw.isHit(0.5) } } : {}),
      }));
  }

  /** The mood's finding with this chance, else any. */
  #finding(of: string, chance: number): Finding {
    const draw = this.#draw;
    const mood = this.#moods.get(of);
    if (mood !== undefined && draw.isHit(0.98)) return draw.isHit(chance) ? mood : this.#any();
    const fresh = draw.isHit(0.35) ? OK : this.#any();
    this.#moods.set(of, fresh);
    return fresh;
  }

  #any(): Finding {
    const draw = this.#draw;
    if (draw.isHit(0.3)) return OK;
    if (draw.isHit(0.4)) return draw.pick(SILENT);
    return {
      outcome: draw.pick(OUTCOMES),
      stage: draw.pick(STAGES),
      totalMs: Math.floor(draw.between(0, 2_000)),
    };
  }
}

const OK: Finding = { outcome: "ok", stage: "done", totalMs: 20 };
const SILENT: readonly Finding[] = [
  { outcome: "pending", stage: "connect", totalMs: 1_000 },
  { outcome: "connect_timeout", stage: "connect", totalMs: 2_000 },
];
