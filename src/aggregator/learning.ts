import { followVantages } from "./registration.ts";
import type { Shard } from "./shard.ts";
import { followWebhooks } from "./webhook-registry.ts";

/** Copies the remote vantages and webhooks that shard 0 keeps into a shard. Rejects where shard 0 does not answer. */
export const learnFromFirstShard = async (shard: Shard): Promise<void> => {
  const { first } = shard.peers;
  followVantages(shard, await first.remoteVantages());
  followWebhooks(shard, await first.webhooks());
};
