import type { Belief, Excuse, History, Operation, Stored, Told } from "./history.ts";

const MS_PER_NS = 1e-6;
/** The clock of a history: one for all processes of this machine. */
export const monotonic = (): number => Number(process.hrtime.bigint()) * MS_PER_NS;

/** Records the events of a run as they are reported. */
export class Recorder {
  readonly operations: Operation[] = [];
  readonly stored: Stored[] = [];
  readonly told: Told[] = [];
  /** Answers of a register that the store refused its request, because its epoch was an older one. */
  fenced = 0;
  readonly #beliefs: Belief[] = [];
  readonly #open = new Map<string, Omit<Belief, "to">>();
  readonly #excuses: Excuse[] = [];

  /** From this instant a member believes that it leads; `null`: no longer. */
  leads(node: string, epoch: number | null, at: number): void {
    const before = this.#open.get(node);
    if (before !== undefined) this.#beliefs.push({ ...before, to: at });
    this.#open.delete(node);
    if (epoch !== null) this.#open.set(node, { node, epoch, from: at });
  }

  excuse(excuse: Excuse): void {
    this.#excuses.push(excuse);
  }

  /** Each answer of the detector that differs from the last one. */
  hearTold(node: string, epoch: number): void {
    const last = this.told.at(-1);
    if (last?.node !== node || last.epoch !== epoch) this.told.push({ node, epoch, at: monotonic() });
  }

  /** The whole record, with its instants counted from `begin`. */
  history(begin = 0): History {
    const now = monotonic();
    const open = [...this.#open.values()].map((belief) => ({ ...belief, to: now }));
    const at = <One extends { at: number }>(one: One): One => ({ ...one, at: one.at - begin });
    const span = <One extends { from: number; to: number }>(one: One): One => ({
      ...one,
      from: one.from - begin,
      to: one.to - begin,
    });
    return {
      operations: this.operations.map((one) => ({
        ...one,
        invokedAt: one.invokedAt - begin,
        completedAt: one.completedAt === null ? null : one.completedAt - begin,
      })),
      stored: this.stored.map(at),
      told: this.told.map(at),
      beliefs: [...this.#beliefs, ...open].map(span),
      excuses: this.#excuses.map(span),
    };
  }
}
