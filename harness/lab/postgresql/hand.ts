/** A person's decision about the lead, without a detector, so that the measuring itself is tested first. */
import { setTimeout as wait } from "node:timers/promises";
import type { PgNode } from "./node.ts";
import { type Pair, TRIGGER } from "./pair.ts";
import type { Rule } from "./play.ts";
import type { Leader } from "./writer.ts";

const DECIDED_AFTER_MS = 2_000;
const POSITION_EVERY_MS = 1_000;

export interface HandOptions {
  /** The old primary is stopped before the new one is promoted. */
  isFenced: boolean;
  isSynchronous: boolean;
}

/** Makes the first of a new pair lead in epoch 1, and the second follow. */
export const byHand = async (pair: Pair, options: HandOptions): Promise<Rule> => {
  let now: Leader = { node: "", address: "", epoch: 0 };
  const lead = async (node: PgNode): Promise<void> => {
    await node.do(`PARALLAX_EPOCH=${now.epoch + 1} on-lead`);
    now = { node: node.name, address: node.address, epoch: now.epoch + 1 };
  };
  const follow = (node: PgNode): Promise<void> =>
    node.do(`PARALLAX_LEADER=${pair.other(node).address} on-follow`);
  await lead(pair.nodes[0]);
  await pair.furnish(pair.nodes[0], TRIGGER);
  await follow(pair.nodes[1]);
  const timer = setInterval(() => {
    for (const each of pair.nodes)
      each.order(`PG_SYNCHRONOUS=${options.isSynchronous ? "on" : "off"} position`);
  }, POSITION_EVERY_MS);
  return {
    name: options.isFenced ? "by hand" : "by hand, unfenced",
    pair,
    decider: { kill: () => Promise.resolve(), restart: () => Promise.resolve() },
    leader: () => Promise.resolve(now),
    struck: async (primary) => {
      await wait(DECIDED_AFTER_MS);
      if (options.isFenced) await primary.do("on-fence");
      await lead(pair.other(primary));
    },
    mended: follow,
    stop: () => {
      clearInterval(timer);
      return pair.stop();
    },
  };
};
