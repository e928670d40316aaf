/** A thing that one writer changes, and its last acknowledged value. `null`: it does not exist. */
export class Slot {
  readonly name: string;
  /** The value that was last acknowledged, or last read back. */
  known: string | null = null;
  /** The write that was asked for and not answered: it may have been done or not. */
  #open: { value: string | null } | null = null;
  acknowledged = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Whether the last write was answered. If not, the writer writes nothing more until its outcome is read back. */
  get isSettled(): boolean {
    return this.#open === null;
  }

  /**
   * Notes the write, asks, and notes the answer: 2xx is done, any other answer below 500 is not done. After an answer from 500 on, or none,
   * the outcome is unknown. Returns the answer's text if the write is done.
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

  /** What is wrong with the value that was read back, or null. From then on that value is the known one. */
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
