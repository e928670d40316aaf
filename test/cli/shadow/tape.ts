import type { Line, Said } from "../../../src/domain/shadow-journal-lines.ts";
import { toInstant } from "../../../src/domain/plain/rfc3339.ts";

export const T0 = Date.parse("2026-11-01T00:00:00.000Z");
export const DB1 = "fra/db-1";
export const DB2 = "fra/db-2";
const PAIRS = { one: DB1, two: DB2 } as const;
type Target = typeof DB1 | typeof DB2;

/** What may happen in a recording. `afterMs` counts from the step before. */
export type Step = { afterMs: number } & (
  | { kind: "checker"; name: "one" | "two"; up: boolean | null }
  | { kind: "silent" }
  | { kind: "heard" }
  | { kind: "event"; target: Target; routing: "serve" | "avoid"; failover: boolean }
  | { kind: "lost"; why: string | null }
  | { kind: "ready" }
  | { kind: "restart" }
  | { kind: "gap"; forMs: number }
);

/** The lines that the shadow writes, made by hand. */
export class Tape {
  readonly lines: Line[] = [{ kind: "shadow", version: 1, at: T0, checker: "kuma", everyMs: 5_000 }];
  #at = T0;
  #run = 0;
  #sequence = 10;
  #states: Record<string, boolean | null> = { one: true, two: true };
  #isSilent = false;
  #isLost: false | { why: string | null } = false;
  readonly #said = new Map<Target, Said>();

  constructor() {
    for (const target of [DB1, DB2] as const) this.#say(target, "serve", false);
    this.#begin();
  }

  get text(): string {
    return this.lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  }

  step(step: Step): this {
    this.#at += step.afterMs;
    this.#play(step);
    return this;
  }

  /** For this long nothing happens, except that the shadow shows it is still at work. */
  rest(ms: number): this {
    this.#at += ms;
    this.#put({ kind: "beat" });
    return this;
  }

  #play(step: Step): void {
    switch (step.kind) {
      case "checker":
        this.#states[step.name] = step.up;
        if (!this.#isSilent) this.#put({ kind: "checker", states: { [step.name]: step.up } });
        return;
      case "silent":
        this.#isSilent = true;
        return this.#put({ kind: "silent", why: "no answer" });
      case "heard":
        this.#isSilent = false;
        return this.#put({ kind: "checker", states: { ...this.#states } });
      case "event": {
        const said = this.#say(step.target, step.routing, step.failover);
        if (this.#isLost === false) this.#put({ kind: "event", id: "e", from: "alive", ...said });
        return;
      }
      case "lost":
        this.#isLost = { why: step.why };
        return this.#put({ kind: "lost", why: step.why });
      case "ready":
        this.#isLost = false;
        return this.#verdicts();
      case "gap":
        this.#put({ kind: "beat" });
        this.#at += step.forMs;
        return this.#begin();
      case "restart":
        this.#put({ kind: "off" });
        return this.#begin();
    }
  }

  #begin(): void {
    this.#run += 1;
    this.#put({ kind: "on" });
    this.#put({ kind: "pairs", pairs: PAIRS, unmatched: [], alone: [] });
    if (this.#isSilent) this.#put({ kind: "silent", why: "no answer" });
    else this.#put({ kind: "checker", states: { ...this.#states } });
    if (this.#isLost === false) this.#verdicts();
    else this.#put({ kind: "lost", why: this.#isLost.why });
  }

  #verdicts(): void {
    this.#put({ kind: "verdicts", id: "v", verdicts: [...this.#said.values()] });
  }

  #say(target: Target, routing: "serve" | "avoid", failover: boolean): Said {
    const said: Said = {
      target,
      sequence: this.#sequence++,
      instant: toInstant(this.#at),
      verdict: routing === "serve" ? "alive" : "node_dead",
      rule: "good",
      because: `because of ${target} – ü`,
      routing,
      failover,
      drill: null,
    };
    this.#said.set(target, said);
    return said;
  }

  #put(entry: object): void {
    this.lines.push({ ...entry, run: this.#run, at: this.#at } as Line);
  }
}
