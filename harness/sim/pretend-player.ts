import type { Task } from "./crew-member.ts";
import type { Player } from "./crew.ts";
import { detectorNamed } from "./detectors.ts";
import { emptyWatch, type Watch } from "./months/tally.ts";
import { kindNamed } from "./kinds/kinds.ts";
import type { KindTally, KindTask } from "./kinds/play-kind.ts";
import type { WatchTask } from "./months/watch.ts";
import { scenarioNamed } from "./scenarios.ts";
import { emptyTally, type Tally } from "./tally.ts";

/** Plays nothing: the seeds asked for, as if each had had one case called after so many milliseconds as its number. */
export class PretendPlayer implements Player {
  readonly tasks: Task[] = [];
  readonly #change: (tally: Tally) => Partial<Tally>;

  /** `change`: what is to be otherwise in each tally. */
  constructor(change: (tally: Tally) => Partial<Tally> = () => ({})) {
    this.#change = change;
  }

  watch(tasks: readonly WatchTask[]): Promise<Watch> {
    const looks = { tried: 100, lost: 1 };
    return Promise.resolve({
      ...emptyWatch(),
      worlds: tasks.length,
      targetMonths: 7,
      good: looks,
      bad: looks,
    });
  }

  playKind({ kind, count }: KindTask): Promise<KindTally> {
    return Promise.resolve({ kind, number: kindNamed(kind).number, seeds: count, right: count, wrong: [] });
  }

  play(task: Task): Promise<Tally[]> {
    this.tasks.push(task);
    const seeds = Array.from({ length: task.count }, (_, index) => task.first + index);
    return Promise.resolve(
      task.detectors.map((name): Tally => {
        const tally = {
          ...emptyTally(scenarioNamed(task.scenario).name, detectorNamed(name).name, task.world.flags),
          seeds: task.count,
          cases: task.count,
          detectedMs: seeds,
          namedMs: seeds,
          targetHours: task.count,
          probes: 3_600 * task.count,
          beliefs: task.count,
          confusion: { alive: { alive: task.count } },
          wrongDowns: name.startsWith("phi") ? 5 : 0,
        };
        return { ...tally, ...this.#change(tally) };
      }),
    );
  }
}
