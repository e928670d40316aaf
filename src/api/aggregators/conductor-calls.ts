/** Calls of the conductors of groups. An exception on the way is our own trouble. */
import { conductorOf } from "../../config.ts";
import type { ConductorRpc } from "../../domain/rpc.ts";
import type { ApiContext } from "../context.ts";
import { within } from "./within.ts";
import { reasonOf, warn } from "../errors/log-line.ts";
import { ApiError } from "../errors/api-error.ts";
import { mayRetry, READ_LIMIT_MS, WRITE_LIMIT_MS } from "./shard-calls.ts";

type Ask<T> = (conductor: ConductorRpc) => PromiseLike<T>;

const call = async <T>(c: ApiContext, group: string, limitMs: number, ask: Ask<T>, again: boolean) => {
  // Each attempt takes a fresh stub: a stub that has thrown is dead for good.
  const attempt = async (): Promise<T> => await ask(conductorOf(c.env, c.get("config"), group));
  const work = attempt().catch((error: unknown) => {
    if (!again || !mayRetry(error)) throw error;
    return attempt();
  });
  try {
    return await within(limitMs, work);
  } catch (error) {
    warn("api.conductor", { group, reason: reasonOf(error) });
    throw new ApiError("unavailable", `the conductor of group "${group}" did not answer; try again shortly`);
  }
};

/** Reads: at most a second, one more attempt if the platform allows it. Throws ApiError `unavailable`. */
export const readGroup = <T>(c: ApiContext, group: string, ask: Ask<T>): Promise<T> =>
  call(c, group, READ_LIMIT_MS, ask, true);

/** Writes. `again`: doing it twice does no harm, so a second attempt is allowed. */
export const writeGroup = <T>(c: ApiContext, group: string, ask: Ask<T>, again = false): Promise<T> =>
  call(c, group, WRITE_LIMIT_MS, ask, again);
