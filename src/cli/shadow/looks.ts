import type { Client } from "../../client/client.ts";
import { after } from "../shared/process/machine.ts";
import { pause } from "../shared/time/pause.ts";
import { nameOf, placeIn } from "../shared/arguments/place.ts";
import { inOneLine } from "../shared/output/trouble.ts";
import type { Entry } from "./shadow-journal.ts";
import type { LineOf } from "../../domain/shadow-journal-lines.ts";
import type { Pairs } from "./pairing.ts";
import type { Named } from "./sources/checker-source.ts";

/** Long enough for Parallax to reach a verdict of its own. */
const WAIT_MS = 10_000;
/** How long a target is left alone after a look, in case it flaps. */
const REST_MS = 60_000;
const MAX_AT_ONCE = 20;

/** Asks the detector for its own verdict on a fault that the checker saw, and from which vantages the target is reached. */
export class Looks {
  readonly #client: Pick<Client, "verdict">;
  readonly #put: (entry: Entry) => void;
  readonly #stop: AbortSignal;
  readonly #down = new Set<string>();
  readonly #busy = new Set<string>();

  constructor(client: Pick<Client, "verdict">, put: (entry: Entry) => void, stop: AbortSignal) {
    this.#client = client;
    this.#put = put;
    this.#stop = stop;
  }

  heard(named: readonly Named[], { pairs }: Pairs): void {
    for (const { name, up } of named) {
      const target = Object.hasOwn(pairs, name) ? pairs[name] : undefined;
      if (target === undefined || up === undefined) continue;
      const isNews = up === false && !this.#down.has(name);
      if (up === false) this.#down.add(name);
      else this.#down.delete(name);
      if (isNews && !this.#busy.has(target) && this.#busy.size < MAX_AT_ONCE) {
        // A disk that refuses this line refuses the next line too, which is reported.
        this.#look(target).catch(() => undefined);
      }
    }
  }

  async #look(target: string): Promise<void> {
    this.#busy.add(target);
    await pause(after, WAIT_MS, this.#stop);
    const place = placeIn(target);
    const called =
      place === undefined || this.#stop.aborted
        ? undefined
        : await this.#client.verdict(place, { stop: this.#stop });
    if (called?.kind === "ok" && !this.#stop.aborted) {
      const { verdict, rule, because, reachableFrom, unreachableFrom } = called.value;
      this.#put({
        kind: "look",
        target: nameOf(called.value) as LineOf<"look">["target"],
        verdict,
        rule,
        because: inOneLine(because, 500),
        reachableFrom,
        unreachableFrom,
      });
    }
    await pause(after, REST_MS, this.#stop);
    this.#busy.delete(target);
  }
}
