/**
 * Cloudflare's published prices, in US dollars, and what the plans include; nothing else in this repository says a price.
 * A price without a page was not found in Cloudflare's documentation as it could be read here, and is marked as such.
 */

const DURABLE_OBJECTS = "https://developers.cloudflare.com/durable-objects/platform/pricing/";
const WORKERS = "https://developers.cloudflare.com/workers/platform/pricing/";
const LOGS = "https://developers.cloudflare.com/workers/observability/logs/workers-logs/";

/** When the pages were read, from stored copies of them. */
export const READ_ON = "2026-11-28";

export interface Price {
  what: string;
  /** Dollars for `per` units beyond what is included. */
  dollars: number;
  per: number;
  /** A month, on the Paid plan. */
  included: number;
  /** A day, on the Free plan; undefined: no such limit. */
  freeADay?: number;
  source: string;
}

const MILLION = 1_000_000;

export const PRICES = {
  rowsWritten: {
    what: "rows written; setting an alarm is one",
    dollars: 1,
    per: MILLION,
    included: 50 * MILLION,
    freeADay: 100_000,
    source: DURABLE_OBJECTS,
  },
  rowsRead: {
    what: "rows read",
    dollars: 0.001,
    per: MILLION,
    included: 25_000 * MILLION,
    freeADay: 5 * MILLION,
    source: DURABLE_OBJECTS,
  },
  objectRequests: {
    what: "calls of objects: each RPC and each alarm",
    dollars: 0.15,
    per: MILLION,
    included: MILLION,
    freeADay: 100_000,
    source: DURABLE_OBJECTS,
  },
  gbSeconds: {
    what: "GB-s: wall time of objects at 128 MB",
    dollars: 12.5,
    per: MILLION,
    included: 400_000,
    freeADay: 13_000,
    source: DURABLE_OBJECTS,
  },
  storedGb: {
    what: "GB stored, a month",
    dollars: 0.2,
    per: 1,
    included: 5,
    source: DURABLE_OBJECTS,
  },
  workerRequests: {
    what: "requests to the Worker",
    dollars: 0.3,
    per: MILLION,
    included: 10 * MILLION,
    freeADay: 100_000,
    source: WORKERS,
  },
  cpuMs: {
    what: "milliseconds of the Worker's CPU",
    dollars: 0.02,
    per: MILLION,
    included: 30 * MILLION,
    source: WORKERS,
  },
} as const satisfies Record<string, Price>;

export type Meter = keyof typeof PRICES;
export const METERS = Object.keys(PRICES) as Meter[];

/** For an account, whatever is used. */
export const PLAN_DOLLARS = 5;

/** An event that Workers Logs keeps. */
export const LOG_PRICES: { what: string; events: Price; source: string }[] = [
  {
    what: "until 30 November 2026",
    events: {
      what: "events",
      dollars: 0.6,
      per: MILLION,
      included: 20 * MILLION,
      freeADay: 200_000,
      source: LOGS,
    },
    source: LOGS,
  },
  {
    what: "from 1 December 2026",
    // $0.25 a GB beyond 50 GB, and 4.84 KB for each event: not found in a page that could be read.
    events: {
      what: "events",
      dollars: 0.25,
      per: MILLION / 4.84,
      included: (50 * MILLION) / 4.84,
      source: "not verified",
    },
    source: "not verified",
  },
];
