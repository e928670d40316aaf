import { spawnSync } from "node:child_process";
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { endAtExit } from "../../scripts/children.ts";
import type { Answer, DetectorApi } from "../../scripts/detector-api.ts";
import { freePort } from "../../scripts/port.ts";
import { type Built, Runtime } from "./runtime.ts";
import { healthOf, KEYS, putAll, startNodes, untilFresh } from "./world.ts";

const ALIVE_WITHIN_MS = 60_000;
/** Time in which health has to report what is wrong: a read waits a second, and the schedule checks each minute. */
const TOLD_WITHIN_MS = 70_000;
const DISK = "16m";
const BYTES_AT_ONCE = 65_536;

export interface DiskFigures {
  lines: string[];
  faults: string[];
}

interface Stage {
  runtime: Runtime;
  figures: DiskFigures;
}

const mount = (...args: string[]): boolean => spawnSync("mount", args, { stdio: "ignore" }).status === 0;

/** A separate small disk for the state, which only root can mount; null if it cannot be mounted. */
const smallDisk = (dir: string): (() => void) | null => {
  if (process.getuid?.() !== 0 || !mount("-t", "tmpfs", "-o", `size=${DISK}`, "tmpfs", dir)) return null;
  const forget = endAtExit(() => void spawnSync("umount", ["-l", dir], { stdio: "ignore" }));
  return () => {
    forget();
    spawnSync("umount", ["-l", dir], { stdio: "ignore" });
  };
};

/** Writes until the disk is full. */
const fill = (dir: string): string => {
  const path = join(dir, "filler");
  const file = openSync(path, "w");
  for (let size = BYTES_AT_ONCE; size >= 1;)
    try {
      writeSync(file, Buffer.alloc(size));
    } catch {
      size = Math.floor(size / 2);
    }
  closeSync(file);
  return path;
};

const SAID: { name: string; ask: (api: DetectorApi) => Promise<Answer> }[] = [
  { name: "GET sites", ask: (api) => api.ask("/v1/sites") },
  { name: "GET verdict", ask: (api) => api.ask("/v1/sites/calm/targets/node-0/verdict") },
  { name: "GET up", ask: (api) => api.ask("/v1/sites/calm/targets/node-0/up") },
  { name: "GET failover", ask: (api) => api.ask("/v1/sites/calm/targets/node-0/failover") },
  {
    name: "PUT target",
    ask: (api) =>
      api.ask("/v1/sites/calm/targets/late", {
        method: "PUT",
        body: { url: "http://127.0.0.1:1/", intervalMs: 60_000 },
      }),
  },
  { name: "POST token", ask: (api) => api.ask("/v1/tokens", { method: "POST", body: { scope: "read" } }) },
];

/** Notes how the API answers during a trouble, and counts each wrong answer among the faults. */
const say = async ({ runtime, figures }: Stage, trouble: string): Promise<void> => {
  const { api } = runtime;
  const said: string[] = [];
  for (const { name, ask } of SAID) {
    const answer = await ask(api).catch(() => null);
    said.push(`${name} ${answer?.status ?? "no answer"}`);
    if (answer === null) figures.faults.push(`${trouble}: ${name} was not answered`);
    else if (
      answer.status >= 500 &&
      !(name === "GET up" || (answer.status === 503 && answer.headers.has("retry-after")))
    )
      figures.faults.push(`${trouble}: ${name}: ${answer.status} ${answer.text}`);
    if (name === "GET sites" && answer?.status === 200 && !answer.text.includes('"calm"'))
      figures.faults.push(`${trouble}: an empty start: ${answer.text}`);
  }
  figures.lines.push(`${trouble}: ${said.join(", ")}`);
};

/** Waits until health reports that something is wrong, and notes the reasons. */
const untilTold = async ({ runtime, figures }: Stage, trouble: string): Promise<void> => {
  const began = performance.now();
  for (;;) {
    const { ok, reasons } = await healthOf(runtime.api);
    const tookMs = performance.now() - began;
    if (!ok && reasons.length > 0) {
      figures.lines.push(`${trouble}: healthz after ${(tookMs / 1_000).toFixed(1)} s: ${reasons.join("; ")}`);
      return;
    }
    if (tookMs > TOLD_WITHIN_MS) {
      figures.faults.push(`${trouble}: healthz says that all is well after ${TOLD_WITHIN_MS / 1_000} s`);
      return;
    }
    await runtime.cron().catch(() => undefined);
    await wait(1_000);
  }
};

const recovers = async ({ runtime, figures }: Stage, trouble: string): Promise<void> => {
  await runtime.cron().catch(() => undefined);
  const given = { since: Date.now(), withinMs: ALIVE_WITHIN_MS, isHealthy: true };
  const tookMs = await untilFresh(runtime.api, KEYS, given);
  if (tookMs === null)
    figures.faults.push(
      `${trouble}: not well a minute after: ${(await healthOf(runtime.api)).reasons.join("; ")}`,
    );
  else figures.lines.push(`${trouble}: well ${(tookMs / 1_000).toFixed(1)} s after it ended`);
};

const playFull = async (stage: Stage): Promise<void> => {
  const filler = fill(stage.runtime.state);
  await untilTold(stage, "full");
  await say(stage, "full");
  rmSync(filler);
  await recovers(stage, "full");
};

const playReadOnly = async (stage: Stage): Promise<void> => {
  const { runtime } = stage;
  await runtime.kill();
  if (!mount("-o", "remount,ro", runtime.state)) throw new Error("the disk could not be made read-only");
  await runtime.start();
  await untilTold(stage, "read-only");
  await say(stage, "read-only");
  await runtime.kill();
  mount("-o", "remount,rw", runtime.state);
  await runtime.start();
  await recovers(stage, "read-only");
};

const filesOf = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const AGGREGATOR_FILE = /Aggregator\/[0-9a-f]{64}\.sqlite/;

const spoilPages = (bytes: Buffer): Buffer => Buffer.from(bytes).fill(0xa5, 4_096);
const spoilHeader = (bytes: Buffer): Buffer => Buffer.from(bytes).fill(0xa5, 0, 100);

const playCorrupt = async (
  stage: Stage,
  trouble: string,
  spoil: (bytes: Buffer) => Buffer,
): Promise<void> => {
  const { runtime } = stage;
  await runtime.kill();
  const kept = new Map(filesOf(runtime.state).map((path) => [path, readFileSync(path)]));
  for (const [path, bytes] of kept) {
    // Only the object's own files: the runtime itself does not start on a spoilt file of alarms, and prints why.
    if (!AGGREGATOR_FILE.test(path) || statSync(path).size === 0) continue;
    // The log beside the database holds newer pages: if the log stays whole, nothing is lost.
    if (path.endsWith(".sqlite")) writeFileSync(path, spoil(bytes));
    else rmSync(path);
  }
  await runtime.start();
  await untilTold(stage, trouble);
  await say(stage, trouble);
  await runtime.kill();
  for (const path of filesOf(runtime.state)) rmSync(path);
  for (const [path, bytes] of kept) writeFileSync(path, bytes);
  await runtime.start();
  await recovers(stage, trouble);
};

/** A disk that is full, read-only, or holds a spoilt file: what the API answers meanwhile, and whether all is well afterwards. */
export const attackByDisk = async (built: Built, tell: (line: string) => void): Promise<DiskFigures> => {
  const port = await freePort();
  const nodes = await startNodes(port);
  const runtime = await Runtime.on(built);
  const stage: Stage = { runtime, figures: { lines: [], faults: [] } };
  const unmount = smallDisk(runtime.state);
  try {
    await runtime.start();
    await putAll(runtime.api, port);
    await runtime.cron();
    const given = { since: 0, withinMs: ALIVE_WITHIN_MS, isHealthy: false };
    if ((await untilFresh(runtime.api, KEYS, given)) === null) throw new Error("the targets are not alive");
    if (unmount === null)
      stage.figures.lines.push("full, read-only: left out, as a disk of its own takes root");
    else {
      tell("full");
      await playFull(stage);
      tell("read-only");
      await playReadOnly(stage);
    }
    tell("spoilt");
    await playCorrupt(stage, "spoilt pages", spoilPages);
    await playCorrupt(stage, "spoilt header", spoilHeader);
    return stage.figures;
  } finally {
    await runtime.kill();
    unmount?.();
    await runtime.end();
    await nodes.kill();
  }
};
