// The run of the register inside the lab's own namespaces: when this process ends, all of it ends. One JSON argument: RegisterOptions. It
// sends its outcome to its parent over IPC.
import { writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { until } from "../../scripts/until.ts";
import { isInParent } from "../lab/parent.ts";
import { overlapsOf, violationsOf } from "./check.ts";
import type { GroupHistory } from "../../src/domain/group.ts";
import type { Operation } from "./history.ts";
import { GROUP, keyOf } from "./member.ts";
import type { RegisterOptions } from "./options.ts";
import type { Outcome, Row } from "./outcome.ts";
import { drawRounds, type Member, MEMBERS, type Round, wordsOf } from "./plan.ts";
import { stage } from "./faults.ts";
import { monotonic, type Recorder } from "./recorder.ts";
import { explain, type RegisterWorld, startWorld } from "./world.ts";

const options = JSON.parse(process.argv[2] ?? "") as RegisterOptions;
const AGAIN_WITHIN_MS = 60_000;
/** Another process than the one that has the belief notes its end, on a machine that does much else. */
const ALLOWANCE_MS = 50;

const begin = monotonic();
const tell = (text: string): void =>
  console.error(`${((monotonic() - begin) / 1_000).toFixed(0).padStart(4)} s ${text}`);

const leads = ({ told }: Recorder): { node: string; epoch: number } | undefined => told.at(-1);
const shown = (recorder: Recorder): string => {
  const last = leads(recorder);
  return last === undefined ? "nobody" : `${last.node} ${last.epoch}`;
};

const isWritten = ({ kind, outcome }: Operation): boolean => kind === "write" && outcome === "ok";

/** When each write began that was acknowledged since an instant, in order. */
const writesSince = ({ operations }: Recorder, at: number): number[] =>
  operations
    .filter((one) => isWritten(one) && one.invokedAt >= at)
    .map(({ invokedAt }) => invokedAt)
    .toSorted((a, b) => a - b);

const longestGapMs = (recorder: Recorder, from: number): number => {
  const instants = [from, ...writesSince(recorder, from), monotonic()];
  return Math.max(...instants.slice(1).map((at, index) => at - (instants[index] ?? at)));
};

const countsOf = (operations: readonly Operation[]) => {
  const count = (outcome: Operation["outcome"]): number =>
    operations.filter((one) => one.outcome === outcome).length;
  return { ok: count("ok"), refused: count("refused"), unknown: count("unknown") };
};

const play = async (world: RegisterWorld, round: Round): Promise<Row> => {
  const { recorder } = world;
  const isOnMember =
    round.fault.kind !== "detector" && !(round.fault.kind === "clock" && round.fault.of === "detector");
  const leader = MEMBERS.find((member) => member === leads(recorder)?.node);
  const victim: Member = round.victim === "leader" ? (leader ?? MEMBERS[0]) : round.victim;
  const before = shown(recorder);
  const from = monotonic();
  const fault = stage(world, round.fault, victim);
  await fault.apply();
  await wait(round.lastsMs);
  await fault.undo();
  const healed = monotonic();
  await wait(round.quietMs);
  const again = await until(() => writesSince(recorder, healed)[0], {
    withinMs: AGAIN_WITHIN_MS,
    explain: () => explain(world),
  }).catch((error: unknown) => {
    tell(String(error));
    return undefined;
  });
  const row: Row = {
    number: round.number,
    fault: wordsOf(round.fault),
    victim: isOnMember ? victim : null,
    lastsMs: round.lastsMs,
    before,
    after: shown(recorder),
    gapMs: longestGapMs(recorder, from),
    againMs: again === undefined ? null : again - healed,
    ...countsOf(recorder.operations.filter(({ invokedAt }) => invokedAt >= from)),
  };
  tell(
    `${round.number} ${row.fault}${row.victim === null ? "" : ` of ${victim}`} for ${(row.lastsMs / 1_000).toFixed(1)} s: ${before} → ${row.after}, ${(row.gapMs / 1_000).toFixed(1)} s without a write`,
  );
  return row;
};

const run = async (): Promise<Outcome> => {
  const world = await startWorld(options, tell);
  tell("the register is written to");
  const { recorder } = world;
  const rows: Row[] = [];
  for (const round of drawRounds(options.seed, options.rounds)) rows.push(await play(world, round));
  await world.clients.stop();
  const history = recorder.history(begin);
  const { operations, stored } = history;
  if (options.keep !== undefined) {
    const logs = Object.fromEntries([...world.members].map(([name, { log }]) => [name, log]));
    const { text } = await world.detector.api.ask(`/v1/groups/${GROUP}/history?limit=100`);
    const { changes } = JSON.parse(text) as GroupHistory;
    const judged: Record<string, unknown> = {};
    for (const member of MEMBERS) judged[member] = await world.detector.api.history(keyOf(member));
    await writeFile(options.keep, JSON.stringify({ rows, ...history, logs, changes, judged }));
  }
  return {
    rows,
    violations: violationsOf(history, { lease: options.lease, allowanceMs: ALLOWANCE_MS }),
    counts: {
      operations: operations.length,
      ...countsOf(operations),
      fenced: recorder.fenced,
      stored: stored.length,
      epochs: new Set(stored.map(({ epoch }) => epoch)).size,
      ...overlapsOf(history),
    },
    seconds: (monotonic() - begin) / 1_000,
  };
};

if (!isInParent()) throw new Error("this is not the lab's own network: start it by `npm run register`");
process.on("disconnect", () => process.exit());
try {
  const outcome = await run();
  process.send?.(outcome, () => process.exit());
} catch (error) {
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}
