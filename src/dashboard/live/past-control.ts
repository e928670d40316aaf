import { fromInstant, toInstant } from "../../domain/plain/rfc3339.ts";
import { countOf } from "../plain-words.ts";
import type { PastBar } from "../past-bar.tsx";
import type { PastState, Read, Recording } from "../replay/recording.ts";
import type { PageView } from "../shown-state.ts";

/** The module that judges. It is loaded when a person asks for the past. */
export interface Judging {
  Recording: Pick<typeof Recording, "load">;
}

/** The control's connections to the outside. */
export interface PastPorts {
  read: Read;
  load: () => Promise<Judging>;
  /** All targets, as far as they are known. */
  places: () => { site: string; target: string }[];
  /** Called whenever there is something new to draw. */
  changed: () => void;
}

/** Moves the page to an instant of the past, and back. */
export class PastControl {
  readonly #world: PastPorts;
  #recording: Recording | null = null;
  #at: number | null = null;
  #without: string[] = [];
  #words = "";
  /** Only one judgement runs at a time. */
  #judging: Promise<void> = Promise.resolve();
  #vantages: string[] = [];

  constructor(world: PastPorts) {
    this.#world = world;
  }

  /** The page's place in the past, as it is drawn. */
  get past(): PastBar {
    const { from, until } = this.#recording ?? {};
    return {
      range: from === undefined || until === undefined ? null : { from, until },
      at: this.#at,
      words: this.#words,
      vantages: this.#vantages,
      without: this.#without,
    };
  }

  /** Loads the past anew and goes to an instant of it, or to its end. Never rejects. */
  async open(at: string | null): Promise<void> {
    this.#say("The evidence is loaded and judged again …");
    try {
      const { Recording: made } = await this.#world.load();
      const recording = await made.load(this.#world.read, this.#world.places());
      if (typeof recording === "string") return this.#say(`The past cannot be shown: ${recording}`);
      this.#recording = recording;
      this.#without = [];
      const asked = at === null ? NaN : fromInstant(at);
      this.seek(Number.isNaN(asked) ? recording.until : asked);
    } catch (error) {
      this.#say(`The past cannot be shown: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  seek(at: number): void {
    if (this.#recording === null) return;
    const { from, until } = this.#recording;
    this.#at = Math.min(Math.max(at, from), until);
    this.#tell();
  }

  /** Goes to the change after the instant shown, or with -1 to the one before. */
  step(by: 1 | -1): void {
    const at = this.#at;
    if (this.#recording === null || at === null) return;
    const { instants, until, from } = this.#recording;
    const next = by === 1 ? instants.find((one) => one > at) : instants.findLast((one) => one < at);
    this.seek(next ?? (by === 1 ? until : from));
  }

  /** Goes back to the present. */
  leave(): void {
    this.#at = null;
    this.#say("");
  }

  /** Judges as if a vantage had never looked, or again with it. */
  async leaveOut(vantage: string, isLeftOut: boolean): Promise<void> {
    if (this.#recording === null) return;
    const others = this.#without.filter((id) => id !== vantage);
    const without = isLeftOut ? [...others, vantage] : others;
    this.#without = without;
    this.#say("Judged again …");
    await (this.#judging = this.#judging.then(() => this.#judge(without)));
  }

  async #judge(without: string[]): Promise<void> {
    // The person has changed the selection meanwhile.
    if (this.#without !== without) return;
    await this.#recording?.leaveOut(without);
    if (this.#without === without) this.#tell();
  }

  /** The state to draw for the instant shown; null for the present. */
  stateOf(view: PageView): (PastState & { view: PageView }) | null {
    if (this.#recording === null || this.#at === null) return null;
    const state = this.#recording.stateAt(this.#at, view, this.#without);
    return { ...state, view: { ...view, at: toInstant(this.#at) } };
  }

  #tell(): void {
    const recording = this.#recording;
    if (recording === null || this.#at === null) return;
    const differences = recording.differences(this.#without);
    if (this.#without.length === 0)
      this.#vantages = recording
        .stateAt(recording.until, { site: null, target: null, filter: "", at: null }, [])
        .matrix.vantages.map(({ id }) => id);
    const same =
      this.#without.length === 0
        ? "as it was published"
        : `as if ${this.#without.join(", ")} had never looked: nothing else would have been published`;
    this.#say(
      differences === 0
        ? `Judged again in this browser, ${same}.`
        : this.#without.length === 0
          ? `Judged again in this browser: ${countOf(differences, "transition")} came out otherwise than published.`
          : `Judged again as if ${this.#without.join(", ")} had never looked: ${countOf(differences, "transition")} would have been another.`,
    );
  }

  #say(words: string): void {
    this.#words = words;
    this.#world.changed();
  }
}
