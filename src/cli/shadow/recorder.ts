import type { VerdictAnswer } from "../../domain/verdict.ts";
import type { TransitionData } from "../../domain/webhook.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { inOneLine } from "../shared/output/trouble.ts";
import type { Entry } from "./shadow-journal.ts";
import type { Said } from "../../domain/shadow-journal-lines.ts";
import { paired, type Pairs, type PairingRules, whysOf } from "./pairing.ts";
import type { Named } from "./sources/checker-source.ts";

/** The longest sentence. The journal's own limit is higher. */
const MAX_SENTENCE = 500;
const NOBODY: Pairs = { pairs: {}, unmatched: [], alone: [] };

const saidOf = ({ drill, rule, because, advice, ...one }: VerdictAnswer): Said => ({
  target: nameOf(one) as Said["target"],
  sequence: one.sequence,
  instant: one.since,
  verdict: one.verdict,
  rule,
  because: inOneLine(because, MAX_SENTENCE),
  routing: advice.routing,
  failover: advice.failover,
  drill,
});

/** Decides which entries to write: only changes, and everything known at the start and after an outage. No I/O. */
export class Recorder {
  readonly #rules: PairingRules;
  #pairs: Pairs = NOBODY;
  /** The targets among the pairs. */
  #paired: ReadonlySet<string> = new Set();
  #named: readonly Named[] = [];
  /** The sides that have answered in this run. Until both have, it is not known which name stands for which target. */
  readonly #answered = new Set<"checker" | "detector">();
  /** The checker's states by name, since its first answer after the last silence. */
  #states: ReadonlyMap<string, boolean | null> = new Map();
  /** All states are to be written anew, not only the changed ones. */
  #isAnew = true;
  #whySilent: string | undefined;
  #said = new Map<string, Said>();
  /** The sequences that were written last. */
  readonly #written = new Map<string, number>();
  #isLost = true;
  #whyLost: string | null | undefined;
  #cursor = "";

  constructor(rules: PairingRules) {
    this.#rules = rules;
  }

  get pairs(): Pairs {
    return this.#pairs;
  }

  /** Why a name that would stand for a target does not, by name. */
  get whys(): Map<string, string> {
    return whysOf(this.#named, new Set(this.#said.keys()), this.#rules);
  }

  /** Names that are mapped by hand but that the checker does not list. */
  get absent(): string[] {
    const listed = new Set(this.#named.map(({ name }) => name));
    return [...this.#rules.map.keys()].filter((name) => !listed.has(name));
  }

  /** The file is new and empty. Returns everything that is known, for it. */
  forget(): Entry[] {
    this.#isAnew = true;
    this.#written.clear();
    const entries = this.#areBothKnown ? [this.#pairsLine()] : [];
    if (this.#whySilent === undefined) entries.push(...this.#changes());
    else entries.push({ kind: "silent", why: this.#whySilent });
    // While a stream is renewed, the last verdicts are needed as well: an unchanged sequence proves that nothing changed meanwhile.
    const isKnown = !this.#isLost || this.#whyLost === null;
    if (isKnown) entries.push(this.#verdictLine());
    if (this.#isLost) entries.push({ kind: "lost", why: this.#whyLost ?? null });
    return entries;
  }

  /** The checker answered. */
  polled(named: readonly Named[]): Entry[] {
    this.#whySilent = undefined;
    const known = new Set(this.#named.map(({ name }) => name));
    const isNew = !this.#answered.has("checker") || named.some(({ name }) => !known.has(name));
    this.#answered.add("checker");
    this.#named = named;
    return [...(isNew ? this.#pair() : []), ...this.#changes()];
  }

  /** The checker did not answer. */
  silent(cause: string): Entry[] {
    const why = inOneLine(cause, MAX_SENTENCE);
    if (this.#whySilent === why) return [];
    this.#whySilent = why;
    this.#states = new Map();
    this.#isAnew = true;
    return [{ kind: "silent", why }];
  }

  /** The stream of events is open, and these verdicts hold now. */
  verdicts(id: string, answers: readonly VerdictAnswer[]): Entry[] {
    this.#answered.add("detector");
    this.#said = new Map(answers.map((answer) => [nameOf(answer), saidOf(answer)]));
    this.#cursor = id;
    this.#isLost = false;
    return [...this.#pair(), this.#verdictLine()];
  }

  event(id: string, { site, target, transition, drill }: TransitionData): Entry[] {
    this.#cursor = id;
    const place = nameOf({ site, target });
    const { sequence, at, from, to, rule, because, advice } = transition;
    const said: Said = {
      target: place as Said["target"],
      sequence,
      instant: at,
      verdict: to,
      rule,
      because: inOneLine(because, MAX_SENTENCE),
      routing: advice.routing,
      failover: advice.failover,
      drill,
    };
    const known = this.#said.get(place);
    // After an interruption, missed events come late, and may be older than the verdicts that were read meanwhile.
    if (known === undefined || known.sequence < sequence) this.#said.set(place, said);
    // What stands for nothing yet may do so later, and then its newest verdict is needed.
    if (!this.#isPaired(place)) return [];
    this.#written.set(place, Math.max(sequence, this.#written.get(place) ?? 0));
    return [{ kind: "event", id, from, ...said }];
  }

  /** The detector's events do not come. A stream that ended is opened again; only a further failure counts as trouble. */
  lost(cause: string, isEnd: boolean): Entry[] {
    const why = isEnd && !this.#isLost ? null : inOneLine(cause, MAX_SENTENCE);
    if (this.#isLost && this.#whyLost === why) return [];
    this.#isLost = true;
    this.#whyLost = why;
    return [{ kind: "lost", why }];
  }

  #isPaired(place: string): boolean {
    return this.#paired.has(place);
  }

  get #areBothKnown(): boolean {
    return this.#answered.size === 2;
  }

  #pair(): Entry[] {
    if (!this.#areBothKnown) return [];
    const before = JSON.stringify(this.#pairs);
    this.#pairs = paired(this.#named, new Set(this.#said.keys()), this.#rules);
    this.#paired = new Set(Object.values(this.#pairs.pairs));
    if (JSON.stringify(this.#pairs) === before) return [];
    // The verdicts of the new pairs have not been written yet.
    const isKnown = !this.#isLost && this.#said.size > 0;
    return [
      this.#pairsLine(),
      ...(isKnown ? [this.#verdictLine()] : []),
      ...(this.#whySilent === undefined ? this.#changes() : []),
    ];
  }

  #pairsLine(): Entry {
    return { kind: "pairs", ...this.#pairs } as Entry;
  }

  #verdictLine(): Entry {
    const fresh = [...this.#said.values()].filter(
      ({ target, sequence }) =>
        this.#isPaired(target) && sequence > (this.#written.get(target) ?? Number.NEGATIVE_INFINITY),
    );
    for (const { target, sequence } of fresh) this.#written.set(target, sequence);
    return { kind: "verdicts", id: this.#cursor, verdicts: fresh };
  }

  /** The changes of the checker's states, only of names that stand for a target. */
  #changes(): Entry[] {
    const last = this.#states;
    const found = new Map(this.#named.map(({ name, up }) => [name, up]));
    const now = new Map(
      Object.keys(this.#pairs.pairs).map((name) => {
        const up = found.get(name);
        return [name, found.has(name) && up === undefined ? (last.get(name) ?? null) : (up ?? null)];
      }),
    );
    const changed = [...now].filter(([name, up]) => this.#isAnew || last.get(name) !== up);
    const isNews = this.#isAnew || changed.length > 0;
    this.#states = now;
    this.#isAnew = false;
    return isNews ? [{ kind: "checker", states: Object.fromEntries(changed) }] : [];
  }
}
