/** One phase of a test run, and how long it takes on two cores with nothing else to do. */
export interface Phase {
  /** Projects of vitest.config.ts, which run side by side. */
  projects: readonly string[];
  what: string;
  aboutS: number;
  /** Whether `npm test` has it; all are in `npm run test:full`. */
  short: boolean;
}

/** In their order: the phase that finds most faults a second comes first. */
export const PHASES: readonly Phase[] = [
  { projects: ["core"], what: "pure code and laws", aboutS: 100, short: true },
  { projects: ["workers", "aggregator"], what: "objects and API in workerd", aboutS: 110, short: true },
  { projects: ["walk"], what: "one walk through the whole chain", aboutS: 20, short: true },
  { projects: ["programs"], what: "programs in processes of their own", aboutS: 150, short: false },
  { projects: ["chain"], what: "the whole chain, fault by fault", aboutS: 240, short: false },
];

/** The phase that a project belongs to, as vitest's `sequence.groupOrder`. */
export const orderOf = (project: string): number =>
  PHASES.findIndex(({ projects }) => projects.includes(project));
