/** Future happenings, in order of time. The time is in milliseconds and is shown by no clock of the simulation. */
export class Happenings {
  readonly #waiting: { at: number; what: () => void }[] = [];
  now = 0;

  at(at: number, what: () => void): void {
    let index = this.#waiting.length;
    while (index > 0 && (this.#waiting[index - 1]?.at ?? 0) <= at) index -= 1;
    this.#waiting.splice(index, 0, { at, what });
  }

  after(ms: number, what: () => void): void {
    this.at(this.now + ms, what);
  }

  run(until: number): void {
    for (let next = this.#waiting.pop(); next !== undefined && next.at <= until; next = this.#waiting.pop()) {
      this.now = next.at;
      next.what();
    }
  }
}
