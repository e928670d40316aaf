import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DetectorApi } from "../../scripts/detector-api.ts";
import { freePort } from "../../scripts/port.ts";
import { detectorOn } from "../bench/detector.ts";
import { Workerd } from "../bench/workerd.ts";
import { buildBundle } from "../../test/chain/bundle.ts";

/** A quorum: more vantages would use more of the machine and show nothing else. */
const VANTAGES = "wnam,enam,weur";

/** The built bundle as it is, with what a test needs besides: how late ticks began, and a way to fire the schedule. */
const MAIN = `
import * as bundle from "./index.js";
export * from "./index.js";
const MOST = 100_000;
let late = [];
export class Aggregator extends bundle.Aggregator {
  report(reports) {
    for (const { lateMs } of reports) if (lateMs !== undefined && late.length < MOST) late.push(lateMs);
    return super.report(reports);
  }
}
const tell = () => {
  const told = late;
  late = [];
  return Response.json(told);
};
export default {
  fetch: (request, env, ctx) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/attack/late") return tell();
    if (pathname === "/attack/cron") return bundle.default.scheduled({}, env, ctx).then(() => new Response());
    return bundle.default.fetch(request, env, ctx);
  },
};
`;

/** The bundle in a folder of its own, built once for a run. */
export interface Built {
  entry: URL;
  remove: () => Promise<void>;
}

/** Built from today's sources, or from a given main module. */
export const build = async (main?: string): Promise<Built> => {
  const dir = await mkdtemp(join(tmpdir(), "parallax-attack-"));
  if (main === undefined) await buildBundle(dir);
  else await writeFile(join(dir, "index.js"), main);
  await writeFile(join(dir, "attack.js"), MAIN);
  return {
    entry: pathToFileURL(join(dir, "attack.js")),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
};

/** The built detector on a folder that outlives each of its processes. */
export class Runtime {
  readonly api: DetectorApi;
  readonly state: string;
  readonly #entry: URL;
  readonly #port: number;
  #workerd: Workerd | null = null;

  private constructor(entry: URL, port: number, state: string) {
    this.api = new DetectorApi(`http://127.0.0.1:${port}`);
    this.state = state;
    this.#entry = entry;
    this.#port = port;
  }

  /** Not started yet. `below`: the directory in which its folder is created. */
  static async on({ entry }: Built, below = tmpdir()): Promise<Runtime> {
    return new Runtime(entry, await freePort(), await mkdtemp(join(below, "parallax-attack-state-")));
  }

  async start(): Promise<Workerd> {
    const service = detectorOn(this.#port, this.#entry);
    const vars = { ...service.vars, VANTAGES };
    this.#workerd = await Workerd.start([{ ...service, vars }], this.state);
    return this.#workerd;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.#workerd?.stop();
    this.#workerd = null;
  }

  /** Fires the schedule, as the platform does each minute. */
  async cron(): Promise<void> {
    await this.api.ask("/attack/cron");
  }

  /** By how many milliseconds the ticks were late that were reported since the last call. */
  async late(): Promise<number[]> {
    return JSON.parse((await this.api.ask("/attack/late")).text) as number[];
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.state, { recursive: true, force: true, maxRetries: 5 });
  }
}
