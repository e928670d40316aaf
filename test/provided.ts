/** Values that vitest.config.ts provides to tests. */
declare module "vitest" {
  interface ProvidedContext {
    /** The number of courses of writes for each point at which an aggregator falls. */
    crashSeeds: number;
  }
}

/** `npm run attack -- crashes` plays 200. */
export const CRASH_SEEDS = 5;
