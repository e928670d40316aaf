// The detector's bundle under Miniflare: the same workerd as `npm run dev` without its proxy, up in a
// second, so that it can be killed many times in one test. One JSON argument: HostSettings.
import { readFile } from "node:fs/promises";
import { COMPATIBILITY_DATE, COMPATIBILITY_FLAGS } from "../../scripts/compatibility.ts";
import { mutedModules } from "./muted.ts";
import { steppedModules } from "./stepped.ts";
import { namedModules } from "./named.ts";
import { Log, LogLevel, Miniflare, type MiniflareOptions } from "miniflare";

export interface HostSettings {
  /** The address to listen on; default: loopback. */
  host?: string;
  port: number;
  stateDir: string;
  /** The bundle's main module. */
  bundle: string;
  vars: Record<string, string>;
  /** Whether a test sets its clock, makes aggregators mute, or answers for the public name servers. */
  altered?: Altered | undefined;
  /** Which of its parts are of the last release: whose main module this is, beside `bundle`. */
  old?: { bundle: string; parts: Part[] };
  /** How often the schedule fires. */
  cronMs: number;
}

export type Altered = "stepped" | "muted" | "named";

/** What runs code of its own for some seconds after a deployment. */
export type Part = "api" | "aggregator" | "vantage";

const ALL: Part[] = ["api", "aggregator", "vantage"];
const CRON = "* * * * *";
const settings = JSON.parse(process.argv[2] ?? "") as HostSettings;

const plainModules = (bundle: string) => ({
  mainModule: "index.js",
  modules: { "index.js": { type: "esm" as const, contents: bundle } },
});

const MODULES = { stepped: steppedModules, muted: mutedModules, named: namedModules };

const modulesOf = (bundle: string) =>
  (settings.altered === undefined ? plainModules : MODULES[settings.altered])(bundle);

const isOld = (part: Part): boolean => settings.old?.parts.includes(part) ?? false;

/** Each part is a Worker of its own where they are of two versions; else all are one. */
const nameOf = (part: Part): string => (settings.old === undefined ? "parallax" : part);

const objectsOf = {
  aggregator: { Aggregator: { type: "durable-object" as const, storage: "sqlite" as const } },
  vantage: { Vantage: { type: "durable-object" as const, storage: "sqlite" as const } },
  conductor: { Conductor: { type: "durable-object" as const, storage: "sqlite" as const } },
};

/** A release from before there were groups has no conductor: its objects are in a part of this one, where there is any. */
const conductorPart = (): Part | undefined => ALL.find((part) => !isOld(part));

const hasConductor = (await readFile(settings.bundle, "utf8")).includes("CONDUCTOR");

const conductorBinding = () => {
  const part = conductorPart();
  if (!hasConductor || part === undefined) return {};
  return { CONDUCTOR: { type: "durable-object" as const, worker: nameOf(part), exportName: "Conductor" } };
};

const workerOf = async (name: string, parts: Part[], bundle: string) => ({
  config: {
    name,
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: COMPATIBILITY_FLAGS,
    manifest: modulesOf(await readFile(bundle, "utf8")),
    env: {
      ...Object.fromEntries(
        Object.entries(settings.vars).map(([variable, value]) => [
          variable,
          { type: "text" as const, value },
        ]),
      ),
      AGGREGATOR: {
        type: "durable-object" as const,
        worker: nameOf("aggregator"),
        exportName: "Aggregator",
      },
      VANTAGE: { type: "durable-object" as const, worker: nameOf("vantage"), exportName: "Vantage" },
      ...conductorBinding(),
    },
    exports: {
      ...(parts.includes("aggregator") ? objectsOf.aggregator : {}),
      ...(parts.includes("vantage") ? objectsOf.vantage : {}),
      ...(hasConductor && parts.some((part) => part === conductorPart()) ? objectsOf.conductor : {}),
    },
    ...(parts.includes("api") ? { triggers: [{ type: "scheduled" as const, schedule: CRON }] } : {}),
  },
});

const workers = async () => {
  const { bundle, old } = settings;
  if (old === undefined) return [await workerOf("parallax", ALL, bundle)];
  return Promise.all(ALL.map((part) => workerOf(part, [part], isOld(part) ? old.bundle : bundle)));
};

const options = async ({ host, port, stateDir }: HostSettings): Promise<MiniflareOptions> => ({
  host: host ?? "127.0.0.1",
  port,
  cf: false,
  log: new Log(LogLevel.WARN),
  resourcePersistencePath: stateDir,
  workers: await workers(),
});

const miniflare = new Miniflare(await options(settings));
const end = (): void => {
  void miniflare.dispose().finally(() => process.exit());
};
process.on("SIGTERM", end);
process.on("disconnect", end);

await miniflare.ready;
// Its type comes from the Workers runtime's, which a Node project leaves out.
const worker = (await miniflare.getWorker(nameOf("api"))) as unknown as {
  scheduled(options: { cron: string }): Promise<unknown>;
};
const fire = (): void => {
  worker.scheduled({ cron: CRON }).catch((error: unknown) => console.error(`schedule: ${String(error)}`));
};
fire();
setInterval(fire, settings.cronMs);
