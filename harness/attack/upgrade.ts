import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { pathOf } from "../../scripts/detector-api.ts";
import type { Transition } from "../../src/domain/verdict.ts";
import { until } from "../../scripts/until.ts";
import { hostOf, Nodes } from "../scale/nodes.ts";
import { type Built, build, Runtime } from "./runtime.ts";
import { hostsOf, KEYS, putAll, startNodes, untilFresh } from "./world.ts";

const RELEASE = new URL("../../test/chain/release/index.js.gz", import.meta.url);
const KEPT = new URL("./release-data.json.gz", import.meta.url);
/**
 * The port is part of the kept data. It is below the range from which systems draw source ports, and used on addresses that nothing else
 * here uses.
 */
const PORT = 10_111;
const MORTAL = { site: "other", target: "mortal" };
const ALIVE_WITHIN_MS = 60_000;
const DEAD_WITHIN_MS = 60_000;

/** Lists that are read before and after, each with the part of the answer that must not have changed. */
const LISTS = [
  "/v1/sites/calm/targets",
  "/v1/sites/other/targets",
  "/v1/tokens",
  "/v1/webhooks/kept",
  "/v1/drills",
];

/** A folder of an earlier detector, and its answers before it was ended. */
interface Data {
  /** Files by their names below the folder, in base64. */
  files: Record<string, string>;
  lists: Record<string, unknown>;
  histories: Record<string, Transition[]>;
  /** Texts of tokens, which are valid on loopback alone. */
  tokens: { read: string; notify: string; vantage: string };
}

const ALL = [...KEYS, MORTAL];

const listsOf = async ({ api }: Runtime): Promise<Data["lists"]> => {
  const lists: Data["lists"] = {};
  for (const path of LISTS) lists[path] = JSON.parse((await api.ask(path)).text) as unknown;
  return lists;
};

const historiesOf = async ({ api }: Runtime): Promise<Data["histories"]> => {
  const histories: Data["histories"] = {};
  for (const key of ALL) histories[pathOf(key)] = await api.history(key);
  return histories;
};

const filesOf = (dir: string): Data["files"] =>
  Object.fromEntries(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(dir, path), readFileSync(path).toString("base64")]),
  );

/** Has the last release make some of everything, and keeps its folder. */
export const keepData = async (): Promise<number> => {
  const built = await build(gunzipSync(readFileSync(RELEASE)).toString());
  const nodes = await startNodes(PORT);
  const mortal = await Nodes.start([hostOf(KEYS.length)], PORT);
  const runtime = await Runtime.on(built);
  try {
    await runtime.start();
    const { api } = runtime;
    await putAll(api, PORT);
    await api.putTarget(MORTAL, {
      url: `http://${hostOf(KEYS.length)}:${PORT}/`,
      intervalMs: 5_000,
      timeoutMs: 2_000,
      headers: { "x-probe-key": "a secret" },
    });
    await runtime.cron();
    const { token: read } = await api.makeToken({ scope: "read", sites: ["calm"], note: "kept" });
    const { token: notify } = await api.makeToken({ scope: "notify", ...MORTAL });
    const { token: vantage } = await api.registerVantage({ id: "remote", region: "here", provider: "other" });
    await api.ask("/v1/webhooks/kept", {
      method: "PUT",
      body: { url: `http://${hostOf(KEYS.length)}:${PORT}/`, disabled: true },
    });
    const alive = { since: 0, withinMs: ALIVE_WITHIN_MS, isHealthy: false };
    if ((await untilFresh(api, ALL, alive)) === null) throw new Error("the targets are not alive");
    await mortal.kill();
    await until(async () => (await api.verdict(MORTAL)).verdict === "process_crashed", {
      withinMs: DEAD_WITHIN_MS,
      explain: () => "the killed target is not told of",
    });
    const rest = { lists: await listsOf(runtime), histories: await historiesOf(runtime) };
    await runtime.kill();
    const data: Data = { files: filesOf(runtime.state), ...rest, tokens: { read, notify, vantage } };
    const bytes = gzipSync(JSON.stringify(data), { level: 9 });
    writeFileSync(KEPT, bytes);
    return bytes.length;
  } finally {
    await runtime.end();
    await nodes.kill();
    await mortal.kill();
    await built.remove();
  }
};

export interface UpgradeFigures {
  lines: string[];
  faults: string[];
}

const statusOf = async ({ api }: Runtime, path: string, token: string, body?: object): Promise<number> =>
  (await api.ask(path, { token, ...(body === undefined ? {} : { method: "POST", body }) })).status;

const tokenFaults = async (runtime: Runtime, { tokens }: Data): Promise<string[]> => {
  const boot = { bootId: "after" };
  const asked: [string, number, number][] = [
    ["read", 200, await statusOf(runtime, "/v1/verdicts?site=calm", tokens.read)],
    ["read, of another site", 403, await statusOf(runtime, "/v1/verdicts?site=other", tokens.read)],
    ["notify", 202, await statusOf(runtime, `${pathOf(MORTAL)}/heartbeats`, tokens.notify, boot)],
    ["vantage", 200, await statusOf(runtime, "/v1/observations", tokens.vantage, { version: 0 })],
  ];
  return asked
    .filter(([, must, is]) => must !== is)
    .map(([name, must, is]) => `token ${name}: ${is} and not ${must}`);
};

/** Everything that was in `before` must be in `after`; more may have come. */
const lacks = (before: unknown, after: unknown): boolean => {
  if (typeof before !== "object" || before === null) return before !== after;
  if (typeof after !== "object" || after === null) return true;
  return Object.entries(before).some(([name, value]) =>
    lacks(value, (after as Record<string, unknown>)[name]),
  );
};

const historyFaults = (before: Transition[], after: Transition[], where: string): string[] => {
  const [newest] = after;
  return [
    ...before
      .filter((old) => {
        const now = after.find(({ sequence }) => sequence === old.sequence);
        return now === undefined || now.at !== old.at || now.to !== old.to;
      })
      .map(({ sequence }) => `${where}: transition ${sequence} is lost or another`),
    ...after
      .filter(({ sequence }, at) => sequence !== (newest?.sequence ?? 0) - at)
      .map(({ sequence }) => `${where}: the sequence has a gap or goes back at ${sequence}`),
  ];
};

/** Today's bundle on the folder of the last release. */
export const attackByUpgrade = async (built: Built): Promise<UpgradeFigures> => {
  const data = JSON.parse(gunzipSync(readFileSync(KEPT)).toString()) as Data;
  const runtime = await Runtime.on(built);
  const nodes = await Nodes.start(hostsOf(ALL.length), PORT);
  try {
    for (const [name, text] of Object.entries(data.files)) {
      const path = join(runtime.state, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, Buffer.from(text, "base64"));
    }
    const since = Date.now();
    await runtime.start();
    await runtime.cron();
    const lists = await listsOf(runtime);
    const faults = LISTS.filter((path) => lacks(data.lists[path], lists[path])).map(
      (path) => `${path}: ${JSON.stringify(lists[path])}, and before ${JSON.stringify(data.lists[path])}`,
    );
    faults.push(...(await tokenFaults(runtime, data)));
    const tookMs = await untilFresh(runtime.api, ALL, { since, withinMs: ALIVE_WITHIN_MS, isHealthy: false });
    if (tookMs === null) faults.push("not all targets are alive by new looks within a minute");
    const histories = await historiesOf(runtime);
    for (const [path, before] of Object.entries(data.histories))
      faults.push(...historyFaults(before, histories[path] ?? [], path));
    const kept = Object.values(data.histories).reduce((sum, { length }) => sum + length, 0);
    return {
      lines: [
        `${ALL.length} targets, ${kept} transitions, tokens, a webhook and a vantage of the last release read back, ${faults.length} faults`,
        `all alive by new looks after ${((tookMs ?? NaN) / 1_000).toFixed(1)} s`,
      ],
      faults,
    };
  } finally {
    await runtime.end();
    await nodes.kill();
  }
};
