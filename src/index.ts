import { createApp } from "./api/app.ts";
import { reasonOf, warn } from "./api/errors/log-line.ts";
import { shardsOf } from "./api/aggregators/shard-calls.ts";
import { answerWith } from "./api/access/unread.ts";
import { aggregatorOf, configOf, type Bindings } from "./config.ts";
import { resolveAddresses } from "./resolve.ts";

export { Aggregator } from "./aggregator/aggregator-object.ts";
export { Conductor } from "./conductor/conductor-object.ts";
export { Timepiece } from "./still.ts";
export { Vantage } from "./vantage/vantage-object.ts";
export { Prober } from "./vantage/prober.ts";

const app = createApp({ resolveAddresses });

/** One shard's round of the watchdog. A shard in trouble must not keep the others from theirs. */
const watchShard = async (env: Bindings, shard: number): Promise<void> => {
  const watch = (): Promise<void> => aggregatorOf(env, configOf(env), shard).watch();
  try {
    // An object whose clock stands still ends itself when it is called, and the next call makes a new object.
    await watch().catch(watch);
  } catch (error) {
    warn("watchdog", { shard, reason: reasonOf(error) });
  }
};

export default {
  fetch: answerWith(app),
  scheduled: async (_controller, env) => {
    const config = configOf(env);
    if (config.problems.length > 0) warn("misconfigured", { problems: config.problems });
    // A round would create the objects that do not exist yet, wherever this happens to run.
    if (!config.isPlaced) return;
    await Promise.all(shardsOf(config).map((shard) => watchShard(env, shard)));
  },
} satisfies ExportedHandler<Bindings>;
