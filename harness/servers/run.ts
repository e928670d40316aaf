// `npm run servers`: real servers of every kind of probe, looked at by a whole detector and by vantages on Node.
import { rmSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { endAtExit } from "../../scripts/children.ts";
import type { DetectorApi } from "../../scripts/detector-api.ts";
import { freePort } from "../../scripts/port.ts";
import { findOut, PATH, reasonsAgainst } from "../consumers/ability.ts";
import { Daemon } from "../consumers/daemon.ts";
import { startDetector } from "../consumers/world.ts";
import { openWitness } from "../nodes/witness.ts";
import { AUTHORITIES } from "./openssl.ts";
import { ON_NODE, Play, type Row } from "./play.ts";
import type { RealServer } from "./server.ts";
import { SERVERS } from "./servers.ts";

const PROGRAM = fileURLToPath(new URL("../../dist/parallax.mjs", import.meta.url));
const CANNOT = 2;
/** Enough for a quorum of their own. */
const NODES = [1, 2, 3].map((index) => `${ON_NODE}${index}`);
const USAGE = `usage: npm run servers [-- --only NAME]... [--check]
  --only NAME  only this server; may be given again
  --check      only says whether it can run here: exit 0 or 2`;

const OPTIONS = {
  only: { type: "string", multiple: true },
  check: { type: "boolean", default: false },
} as const;

/** The options of the command line; a sentence if they make no sense. */
const parse = (words: string[]): { servers: readonly RealServer[]; check: boolean } | string => {
  try {
    const { only = [], check } = parseArgs({ args: words, options: OPTIONS }).values;
    const unknown = only.filter((name) => SERVERS.every((server) => server.name !== name));
    if (unknown.length > 0) return `--only: no such server: ${unknown.join(", ")}`;
    return { servers: SERVERS.filter(({ name }) => only.length === 0 || only.includes(name)), check };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const startVantage = async (api: DetectorApi, id: string, dir: string): Promise<Daemon> => {
  const { token } = await api.registerVantage({ id, region: id, provider: "own", sites: "all" });
  const state = join(dir, id);
  await mkdir(state);
  const line = [process.execPath, "--no-warnings", PROGRAM, "vantage", "--state", state];
  return new Daemon(id, line, { env: { PARALLAX_URL: api.url, PARALLAX_TOKEN: token } });
};

const asText = ({ server, deed, expected, wrong, seconds }: Row): string =>
  `${server.padEnd(14)} ${deed.padEnd(17)} ${expected.padEnd(16)} ${seconds.toFixed(1).padStart(5)} s  ${wrong === "" ? "right" : `WRONG: ${wrong}`}`;

const runAll = async (dir: string, servers: readonly RealServer[]): Promise<Row[]> => {
  const authorities = join(dir, "authorities.pem");
  await writeFile(authorities, AUTHORITIES);
  // Of our vantages and of workerd alike.
  process.env["NODE_EXTRA_CA_CERTS"] = authorities;
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const detector = await startDetector(dir);
    ends.unshift(() => detector.stop());
    const { api } = detector;
    for (const id of NODES) {
      const vantage = await startVantage(api, id, dir);
      ends.unshift(() => vantage.stop());
    }
    const witness = await openWitness();
    ends.unshift(() => witness.close());
    const plays: Play[] = [];
    for (const server of servers) {
      const seat = { port: await freePort(), dir: join(dir, server.name) };
      await mkdir(seat.dir);
      const play = await Play.begin(server, api, seat, { witness: witness.url, nodes: NODES });
      ends.unshift(() => play.stop());
      plays.push(play);
    }
    const rows: Row[] = [];
    // One after the other: where most of what it looks at is silent, a vantage doubts itself, and rightly.
    for (const play of plays) rows.push(...(await play.run((row) => console.error(asText(row)))));
    return rows;
  } finally {
    for (const end of ends) await end().catch((error: unknown) => console.error(String(error)));
  }
};

const main = async (): Promise<number> => {
  const options = parse(process.argv.slice(2));
  if (typeof options === "string") {
    console.error(`${options}\n${USAGE}`);
    return CANNOT;
  }
  const { servers, check } = options;
  const reasons = reasonsAgainst(servers, findOut());
  if (reasons.length > 0) {
    console.error(`The servers cannot run here.\n${reasons.map((reason) => `  ${reason}`).join("\n")}`);
    return CANNOT;
  }
  if (check) {
    console.error("The servers can run here.");
    return 0;
  }
  process.env["PATH"] = PATH;
  const dir = await mkdtemp(join(tmpdir(), "parallax-servers-"));
  // What runs under another account has to get in.
  await chmod(dir, 0o755);
  endAtExit(() => rmSync(dir, { recursive: true, force: true }));
  const rows = await runAll(dir, servers);
  await rm(dir, { recursive: true, force: true });
  const right = rows.filter(({ wrong }) => wrong === "").length;
  console.error(`${right} of ${rows.length} right`);
  return rows.length > 0 && right === rows.length ? 0 : 1;
};

process.exitCode = await main();
