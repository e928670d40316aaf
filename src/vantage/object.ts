import { DurableObject } from "cloudflare:workers";

/** The region-pinned Durable Object that probes. */
export class Vantage extends DurableObject {}
