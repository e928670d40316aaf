/** What vitest.config.ts gives to tests. */
declare module "vitest" {
  interface ProvidedContext {
    /** Courses of writes for each point at which an aggregator is made to fall. */
    crashSeeds: number;
  }
}

/** `npm run attack -- crashes` plays 200. */
export const CRASH_SEEDS = 5;
