import type { Player } from "../crew.ts";
import { BOLD, DETECTORS } from "../detectors.ts";
import type { Tally } from "../tally.ts";
import { worldNamed } from "../worlds.ts";

const USUAL = DETECTORS[0]?.name ?? "";

/** What the claims have run so far: a scenario that several claims need is run once. */
export class Runs {
  readonly #player: Player;
  readonly #first: number;
  readonly #tell: (what: string) => void;
  readonly #done = new Map<string, Tally>();

  /** Calls `tell` for every scenario that begins. */
  constructor(player: Player, first: number, tell: (what: string) => void) {
    this.#player = player;
    this.#first = first;
    this.#tell = tell;
  }

  /** Everything that was run. */
  get tallies(): Tally[] {
    return [...this.#done.values()];
  }

  /** At least `count` seeds of Parallax in a scenario. */
  async play(scenario: string, count: number, world = "usual"): Promise<Tally> {
    const id = `${world}/${scenario}`;
    const known = this.#done.get(id);
    if (known !== undefined && known.seeds >= count) return known;
    this.#tell(`${scenario}${world === "usual" ? "" : `, ${world}`}, ${count} seeds`);
    // A host cut off alone is the risk that `outsideProof` takes by name.
    const detector = scenario === "host-cut" ? USUAL : BOLD.name;
    const tally = await this.#one(scenario, detector, count, worldNamed(world));
    this.#done.set(id, tally);
    return tally;
  }

  /** Several scenarios, one after the other: their seeds share the cores already. */
  async playAll(scenarios: readonly string[], count: number, world = "usual"): Promise<Tally[]> {
    const tallies: Tally[] = [];
    // oxlint-disable-next-line no-await-in-loop -- told in order
    for (const scenario of scenarios) tallies.push(await this.play(scenario, count, world));
    return tallies;
  }

  /** A rival where faults last `seconds`, since slow ones would miss shorter ones. Its mistakes are not ours. */
  playRival(scenario: string, detector: string, count: number, seconds: number): Promise<Tally> {
    this.#tell(`${scenario}, ${detector}, ${count} seeds`);
    const world = { flags: ` --lasts ${seconds}`, options: { lastsMs: 1_000 * seconds } };
    return this.#one(scenario, detector, count, world);
  }

  async #one(
    scenario: string,
    detector: string,
    count: number,
    world: ReturnType<typeof worldNamed>,
  ): Promise<Tally> {
    const task = { scenario, detectors: [detector], world, first: this.#first, count };
    const [tally] = await this.#player.play(task);
    if (tally === undefined) throw new Error("nothing was run");
    return tally;
  }
}
