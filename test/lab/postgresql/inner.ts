// The first process of the lab that PostgreSQL is put to. One JSON argument: PairOptions. What it found goes to its parent over IPC.
import { layOut } from "../network.ts";
import { isInParent } from "../parent.ts";
import { byHand } from "./hand.ts";
import { Pair } from "./pair.ts";
import { LabEtcd, underPatroni } from "./patroni.ts";
import { faultsFor, type Lane, LANES, type RuleName } from "./plan.ts";
import { type CellResult, playCell, type Rule } from "./play.ts";
import type { PairOptions } from "./run.ts";
import { complaintsOf } from "./table.ts";

const options = JSON.parse(process.argv[2] ?? "") as PairOptions;
const begin = performance.now();
const tell = (text: string): void =>
  console.error(`${((performance.now() - begin) / 1_000).toFixed(0).padStart(4)} s ${text}`);

/** Numbers of rows of one cell, and of all before it, never meet. */
const NUMBERS_PER_CELL = 1_000_000;
let cells = 0;

const announce = (cell: CellResult): CellResult => {
  const wrong = complaintsOf(cell);
  const kind = cell.isSynchronous ? "synchronous" : "asynchronous";
  tell(
    `${wrong.length === 0 ? "✓" : "✗"} ${cell.fault}, ${cell.rule}, ${kind}: ${cell.gapSeconds} s without writes, ${cell.lost} of ${cell.rows} rows lost; whole again after ${cell.wholeSeconds} s`,
  );
  for (const complaint of wrong) tell(`  wrong: ${complaint}`);
  return cell;
};

/** The cells of one rule on one pair, in their order. */
const playRule = async (name: RuleName, lane: Lane, start: () => Promise<Rule>): Promise<CellResult[]> => {
  const faults = faultsFor(name, options);
  if (faults.length === 0) return [];
  const rule = await start();
  const results: CellResult[] = [];
  for (const fault of faults) {
    const first = NUMBERS_PER_CELL * ++cells;
    results.push(announce(await playCell(rule, { fault, isSynchronous: lane.isSynchronous, first })));
  }
  await rule.stop();
  return results;
};

const inLanes = async (play: (lane: Lane) => Promise<CellResult[]>): Promise<CellResult[]> =>
  (await Promise.all(LANES.map(play))).flat();

const run = async (): Promise<CellResult[]> => {
  await layOut();
  tell("by hand: whether what measures sees what it should");
  const proof = await inLanes(async (lane) => {
    const isFenced = lane.isSynchronous;
    return playRule(isFenced ? "by hand" : "by hand, unfenced", lane, async () =>
      byHand(await Pair.start(lane.site, "hand"), { isFenced, isSynchronous: lane.isSynchronous }),
    );
  });
  tell("under Patroni");
  const etcd = new LabEtcd();
  await etcd.restart();
  const patroni = await inLanes((lane) =>
    playRule("Patroni", lane, async () =>
      underPatroni(await Pair.bare(lane.site, "patroni"), lane.isSynchronous, etcd),
    ),
  );
  await etcd.kill();
  return [...proof, ...patroni];
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
