import { aggregatorOf, type Bindings, type Config } from "../config.ts";
import type { AggregatorRpc } from "../domain/rpc.ts";
import type { Catalogue } from "./store/catalogue.ts";

/** The shards of one deployment, as one of them knows the others. Shard 0 holds everything that exists once for all shards. */
export class Peers {
  readonly #ctx: DurableObjectState;
  readonly #env: Bindings;
  readonly #config: Config;
  readonly #catalogue: Catalogue;
  /** This shard's own number. */
  readonly number: number;

  constructor(ctx: DurableObjectState, env: Bindings, config: Config, catalogue: Catalogue) {
    this.#ctx = ctx;
    this.#env = env;
    this.#config = config;
    this.#catalogue = catalogue;
    this.number = this.#knowNumber();
  }

  get first(): AggregatorRpc {
    return aggregatorOf(this.#env, this.#config, 0);
  }

  /** Numbers of all shards except this one. */
  get others(): number[] {
    return Array.from({ length: this.#config.shards }, (_, shard) => shard).filter(
      (shard) => shard !== this.number,
    );
  }

  /** Calls these shards without waiting for them; a call that fails is not repeated. */
  tell(shards: number[], word: (aggregator: AggregatorRpc) => Promise<void>): void {
    const told = shards.map((shard) => word(aggregatorOf(this.#env, this.#config, shard)));
    this.#ctx.waitUntil(Promise.allSettled(told));
  }

  /**
   * What is wrong with SHARDS, in a sentence, or null. The number is fixed at first start, because another number would make the API look
   * for sites in the wrong shard.
   */
  async problem(): Promise<string | null> {
    const { shards } = this.#config;
    const fixed = await this.fixedCount();
    return fixed === shards
      ? null
      : `SHARDS was ${fixed} at first start and is ${shards} now: set it back, resharding is not supported`;
  }

  /**
   * How many shards there were at first start. Shard 0 holds that number, whatever SHARDS is now, and each other shard asks shard 0 once.
   */
  async fixedCount(): Promise<number> {
    const known = this.#catalogue.fact("shards");
    if (known !== null) return Number(known);
    const fixed = this.number === 0 ? this.#config.shards : await this.first.shardCount();
    this.#catalogue.setFact("shards", String(fixed));
    return fixed;
  }

  /** The object's name is the shard's number. It is stored, because an alarm may not know the name. */
  #knowNumber(): number {
    const { name } = this.#ctx.id;
    const known = this.#catalogue.fact("number");
    if (known === null && name !== undefined) this.#catalogue.setFact("number", name);
    return Number(known ?? name ?? "0");
  }
}
