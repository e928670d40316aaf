/** Takes away each rule and changes each number of the judge, one at a time, and checks which tests and scenarios notice. */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fingerprintOf } from "../report/kept.ts";
import { type Trial, TRIALS } from "./change.ts";
import { ClaimsLane, lostClaims } from "./claims.ts";
import type { Measured } from "./claims-member.ts";
import { KeptResults, type Result } from "./kept.ts";
import { auditPage } from "./page.ts";
import { firstThatNotices } from "./tests.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** All that decides who notices. */
const CODE = [
  "src/{domain,schedule,verdict}/**/*.ts",
  "harness/sim/**/*.ts",
  "test/verdict/**/*.ts",
  "test/runs.ts",
  "package-lock.json",
];
const SHOWING = /sim\/(?:.*\.test\.ts$|report\/|audit\/(?:audit|page)\.ts$)/;

/** Where the claims are measured: nowhere, where no test notices, everywhere. */
export type Claiming = "none" | "unnoticed" | "all";

export interface AuditOrder {
  /** So many at the same time; with 0 only what has been kept is shown. */
  jobs: number;
  /** Where to keep what is done; else where only the same code finds it again. */
  kept: string | undefined;
  claiming: Claiming;
  /** These rules and numbers alone. */
  only: readonly string[] | undefined;
}

type Tell = (line: string) => void;

/** Does every piece of work, one after another in each lane. */
const inLanes = async <Lane, Work>(
  lanes: readonly Lane[],
  works: readonly Work[],
  perform: (lane: Lane, work: Work) => Promise<void>,
): Promise<void> => {
  const open = [...works];
  const serve = async (lane: Lane): Promise<void> => {
    // oxlint-disable-next-line no-await-in-loop -- that is what a lane is
    for (let work = open.shift(); work !== undefined; work = open.shift()) await perform(lane, work);
  };
  await Promise.all(lanes.map(serve));
};

const lineOf = ({ kind, name, to, test, claims, differs, cpuS }: Result): string => {
  const what = to === null ? `${name} ${kind}` : `${name} ${kind} to ${to}`;
  const who = [test ?? "no test", ...(claims ?? []).map((claim) => `claim: ${claim}`)];
  if (claims?.length === 0) who.push("no claim", differs === true ? "runs differ" : "no run differs");
  return `${what} (${cpuS.map((one) => `${one.toFixed(1)} s`).join(" and ")}): ${who.join("; ")}`;
};

/** The laws and tests, for all that has not been tried yet. */
const tryTests = async (trials: readonly Trial[], results: KeptResults, jobs: number, tell: Tell) => {
  const open = trials.filter((trial) => results.of(trial) === undefined);
  tell(`the tests: ${open.length} of ${trials.length} to try`);
  if (jobs === 0 || open.length === 0) return;
  const { noticed } = await firstThatNotices({});
  // Else all would seem to notice.
  if (noticed !== null) throw new Error(`nothing is changed, and yet: ${noticed}`);
  await inLanes(Array.from({ length: jobs }), open, async (_, { kind, name, to, variant }) => {
    const tried = await firstThatNotices(variant);
    const unclaimed = { claims: null, differs: null, cpuS: [tried.cpuS, 0] as [number, number] };
    tell(lineOf(results.add({ kind, name, to, test: tried.noticed, ...unclaimed })));
  });
};

/** What the judge comes to as it is. */
const usualClaims = async (lane: ClaimsLane | undefined, tell: Tell): Promise<Measured> => {
  const answer = await lane?.measure({});
  if (answer === undefined || "broke" in answer) throw new Error(answer?.broke ?? "no lane");
  for (const { claim, reached } of answer.claims)
    if (!reached) tell(`out of reach on so few seeds, so that it can notice nothing: ${claim}`);
  return answer;
};

/** The claims, for all that needs them. */
const tryClaims = async (
  trials: readonly Trial[],
  results: KeptResults,
  { jobs, claiming }: AuditOrder,
  tell: Tell,
) => {
  const works = trials.flatMap((trial) => {
    const known = results.of(trial);
    const isWanted = known?.claims === null && (known.test === null || claiming === "all");
    return isWanted ? [{ known, variant: trial.variant }] : [];
  });
  tell(`the claims: ${works.length} to try`);
  if (jobs === 0 || works.length === 0) return;
  const lanes = Array.from({ length: jobs }, () => new ClaimsLane());
  try {
    const usual = await usualClaims(lanes[0], tell);
    await inLanes(lanes, works, async (lane, { known, variant }) => {
      const answer = await lane.measure(variant);
      const claims = lostClaims(usual, answer);
      const differs = "broke" in answer || answer.played !== usual.played;
      tell(lineOf(results.add({ ...known, claims, differs, cpuS: [known.cpuS[0], answer.cpuS] })));
    });
  } finally {
    await Promise.all(lanes.map((lane) => lane.dismiss()));
  }
};

/** Tries all chosen changes and reports each; writes `docs/audit.md` if it tried all that exist. */
export const audit = async (order: AuditOrder, tell: Tell): Promise<void> => {
  const { jobs, kept, claiming, only } = order;
  const begin = performance.now();
  const path = kept ?? join(tmpdir(), `parallax-audit-${fingerprintOf(ROOT, CODE, SHOWING)}.jsonl`);
  tell(`kept in ${path}`);
  const results = new KeptResults(path);
  const trials = TRIALS.filter(({ name }) => only?.includes(name) ?? true);
  await tryTests(trials, results, jobs, tell);
  if (claiming !== "none") await tryClaims(trials, results, order, tell);
  tell(`${((performance.now() - begin) / 1_000).toFixed(0)} s`);
  if (only !== undefined || claiming === "none") return;
  const all = TRIALS.flatMap((trial) => results.of(trial) ?? []);
  writeFileSync(join(ROOT, "docs", "audit.md"), auditPage(all, claiming === "all"));
};
