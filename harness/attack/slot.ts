/** A thing that one writer changes, and what of it was acknowledged. `null`: it is not there. */
export class Slot {
  readonly name: string;
  /** As it was last acknowledged, or last read back. */
  known: string | null = null;
  /** What was asked for and not answered: it may be so or not. */
  #open: { value: string | null } | null = null;
  acknowledged = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Whether the last write was answered: until what came of the other is read back nothing more is written. */
  get isSettled(): boolean {
    return this.#open === null;
  }

  /**
   * Notes what is asked for, asks, and notes what was answered: 2xx is done, any other answer below 500 is not done. Of 503 and of
   * no answer nothing is known. Returns the answer's text, where it was done.
   */
  async write(
    value: string | null,
    ask: () => Promise<{ status: number; text: string }>,
  ): Promise<string | null> {
    this.#open = { value };
    const answer = await ask().catch(() => null);
    if (answer === null || answer.status >= 500) return null;
    this.#open = null;
    if (answer.status > 299) return null;
    this.known = value;
    this.acknowledged += 1;
    return answer.text;
  }

  /** What is wrong with what was read back, or null. From then on that is what is known. */
  check(read: string | null): string | null {
    const may = [this.known, ...(this.#open === null ? [] : [this.#open.value])];
    const fault = may.includes(read)
      ? null
      : `${this.name}: read back ${read ?? "nothing"}, acknowledged was ${may.map((value) => value ?? "nothing").join(", or not answered ")}`;
    this.known = read;
    this.#open = null;
    return fault;
  }
}
