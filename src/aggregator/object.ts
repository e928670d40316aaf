import { DurableObject } from "cloudflare:workers";

/** The Durable Object of one shard. */
export class Aggregator extends DurableObject {}
