import type { AssignedTarget, Assignment } from "../../src/domain/report.ts";

export const assignedTarget = (name: string, changes: Partial<AssignedTarget> = {}): AssignedTarget => ({
  site: "fra",
  target: name,
  url: `http://${name}.fra.example/`,
  intervalMs: 10_000,
  timeoutMs: 4_000,
  phase: 0,
  ...changes,
});

export const assignmentOf = (targets: AssignedTarget[], changes: Partial<Assignment> = {}): Assignment => ({
  version: 1,
  vantage: "weur",
  shard: 0,
  targets,
  controls: [],
  drills: [],
  ...changes,
});
