// The first process of the lab with PostgreSQL. One JSON argument: PairOptions. It sends its outcome to its parent over IPC.
import { layOut } from "../network.ts";
import { insideOf, REMOTE_IDS } from "../topology.ts";
import { isInParent } from "../parent.ts";
import { startControls, startDetector, startVantages } from "../world.ts";
import { shared } from "./decider.ts";
import type { PairFault } from "./faults.ts";
import { GroupRule } from "./groups.ts";
import { byHand } from "./hand.ts";
import { Pair } from "./pair.ts";
import { LabEtcd, underPatroni } from "./patroni.ts";
import { faultsFor, type Lane, LANES, type RuleName } from "./plan.ts";
import { inSite } from "./place.ts";
import { type CellResult, playCell, type Rule } from "./play.ts";
import type { PairOptions } from "./run.ts";
import { complaintsOf } from "./table.ts";

const options = JSON.parse(process.argv[2] ?? "") as PairOptions;
const begin = performance.now();
const tell = (text: string): void =>
  console.error(`${((performance.now() - begin) / 1_000).toFixed(0).padStart(4)} s ${text}`);

/** Rows of one cell never share a number with rows of an earlier cell. */
const NUMBERS_PER_CELL = 1_000_000;
/** Looks from inside that were missed lately and answered later count as loss there, and then a death takes longer to confirm. */
const REST_MS = 20_000;
let cells = 0;

const announce = (cell: CellResult): CellResult => {
  const wrong = complaintsOf(cell);
  const kind = cell.isSynchronous ? "synchronous" : "asynchronous";
  tell(
    `${wrong.length === 0 ? "✓" : "✗"} ${cell.fault}, ${cell.rule}, ${kind}: ${cell.gapSeconds} s without writes, ${cell.lost} of ${cell.rows} rows lost; whole again after ${cell.wholeSeconds} s`,
  );
  for (const complaint of wrong) tell(`  wrong: ${complaint}`);
  for (const line of cell.history) tell(`  ${line}`);
  return cell;
};

/** Plays one rule on each pair: first the faults of single pairs, then those that take away the decider of both. */
const playRule = async (name: RuleName, rules: readonly Rule[]): Promise<CellResult[]> => {
  const faults = faultsFor(name, options);
  const play = async (rule: Rule, fault: PairFault): Promise<CellResult> => {
    const { isSynchronous } = LANES[rules.indexOf(rule)] ?? { isSynchronous: false };
    return announce(await playCell(rule, { fault, isSynchronous, first: NUMBERS_PER_CELL * ++cells }));
  };
  const own = await Promise.all(
    rules.map(async (rule) => {
      const results: CellResult[] = [];
      for (const fault of faults.filter(({ isUndecided }) => !isUndecided))
        results.push(await play(rule, fault));
      return results;
    }),
  );
  const common: CellResult[] = [];
  for (const fault of faults.filter(({ isUndecided }) => isUndecided))
    common.push(...(await Promise.all(rules.map((rule) => play(rule, fault)))));
  return [...own.flat(), ...common];
};

const inLanes = <T>(start: (lane: Lane) => Promise<T>): Promise<T[]> => Promise.all(LANES.map(start));

const playProof = async (): Promise<CellResult[]> => {
  tell("by hand: whether what measures sees what it should");
  const cells = await inLanes(async (lane) => {
    const { site, isSynchronous } = lane;
    const rule = await byHand(await Pair.start(inSite(site, "hand")), {
      isFenced: isSynchronous,
      isSynchronous,
    });
    const [fault] = faultsFor(isSynchronous ? "by hand" : "by hand, unfenced", options);
    if (fault === undefined) throw new Error("no fault to prove it by");
    const cell = announce(await playCell(rule, { fault, isSynchronous, first: 0 }));
    await rule.stop();
    return cell;
  });
  return cells;
};

const playGroups = async (): Promise<CellResult[]> => {
  tell("starting the detector and its vantages");
  await startControls();
  const detector = await startDetector();
  await startVantages(detector);
  const decider = shared({ kill: () => detector.kill(), restart: () => detector.restart() });
  const rules = await inLanes(async ({ site, isSynchronous }) =>
    GroupRule.start(await Pair.start(inSite(site, "pg")), {
      isSynchronous,
      api: detector.api,
      url: detector.api.url,
      vantages: [...REMOTE_IDS, insideOf(site)],
      decider,
      restMs: REST_MS,
    }),
  );
  const results: CellResult[] = [];
  for (const lease of ["advisory", "strict"] as const) {
    tell(`lease: ${lease}`);
    for (const rule of rules) await rule.use(lease);
    results.push(...(await playRule(lease, rules)));
  }
  for (const rule of rules) await rule.stop();
  await detector.kill();
  return results;
};

const playPatroni = async (): Promise<CellResult[]> => {
  tell("under Patroni");
  const etcd = new LabEtcd();
  await etcd.restart();
  const decider = shared({ kill: () => etcd.kill(), restart: () => etcd.restart() });
  const rules = await inLanes(async ({ site, isSynchronous }) =>
    underPatroni(await Pair.bare(inSite(site, "patroni")), isSynchronous, decider),
  );
  const results = await playRule("Patroni", rules);
  for (const rule of rules) await rule.stop();
  await etcd.kill();
  return results;
};

const run = async (): Promise<CellResult[]> => {
  await layOut();
  return [...(await playProof()), ...(await playGroups()), ...(await playPatroni())];
};

if (!isInParent()) throw new Error("this is not the lab's own network: start it by `npm run lab`");
process.on("disconnect", () => process.exit());
try {
  const found = await run();
  process.send?.(found, () => process.exit());
} catch (error) {
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}
