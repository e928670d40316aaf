import { followVantages } from "./registration.ts";
import type { Shard } from "./shard.ts";
import { followWebhooks } from "./webhook-registry.ts";

/** Has a shard know the remote vantages and webhooks that shard 0 keeps. Rejects where that does not answer. */
export const learnFromFirstShard = async (shard: Shard): Promise<void> => {
  const { first } = shard.peers;
  followVantages(shard, await first.remoteVantages());
  followWebhooks(shard, await first.webhooks());
};
