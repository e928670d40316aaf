import { bind } from "./bind.ts";
import { openssl, opensslAging } from "./openssl.ts";
import { postgresql } from "./postgresql.ts";
import { redis } from "./redis.ts";
import type { RealServer } from "./server.ts";

/** One real server at least of every kind that asks one in its own protocol. */
export const SERVERS: readonly RealServer[] = [bind, openssl, opensslAging, postgresql, redis];
