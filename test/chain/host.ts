// The detector's bundle under Miniflare: the same workerd as `npm run dev` without its proxy, up in a
// second, so that it can be killed many times in one test. One JSON argument: HostSettings.
import { readFile } from "node:fs/promises";
import { COMPATIBILITY_DATE, COMPATIBILITY_FLAGS } from "../../scripts/compatibility.ts";
import { steppedModules } from "./stepped.ts";
import { Log, LogLevel, Miniflare, type MiniflareOptions } from "miniflare";

export interface HostSettings {
  /** The address to listen on; default: loopback. */
  host?: string;
  port: number;
  stateDir: string;
  /** The bundle's main module. */
  bundle: string;
  vars: Record<string, string>;
  /** Whether a test sets its clock. */
  stepped?: boolean;
  /** How often the schedule fires. */
  cronMs: number;
}

const CRON = "* * * * *";
const settings = JSON.parse(process.argv[2] ?? "") as HostSettings;

const modulesOf = (bundle: string, stepped: boolean) =>
  stepped
    ? steppedModules(bundle)
    : { mainModule: "index.js", modules: { "index.js": { type: "esm" as const, contents: bundle } } };

const options = async ({
  host,
  port,
  stateDir,
  bundle,
  vars,
  stepped = false,
}: HostSettings): Promise<MiniflareOptions> => ({
  host: host ?? "127.0.0.1",
  port,
  cf: false,
  log: new Log(LogLevel.WARN),
  resourcePersistencePath: stateDir,
  workers: [
    {
      config: {
        name: "parallax",
        compatibilityDate: COMPATIBILITY_DATE,
        compatibilityFlags: COMPATIBILITY_FLAGS,
        manifest: modulesOf(await readFile(bundle, "utf8"), stepped),
        env: {
          ...Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, { type: "text", value }])),
          AGGREGATOR: { type: "durable-object", worker: "parallax", exportName: "Aggregator" },
          VANTAGE: { type: "durable-object", worker: "parallax", exportName: "Vantage" },
        },
        exports: {
          Aggregator: { type: "durable-object", storage: "sqlite" },
          Vantage: { type: "durable-object", storage: "sqlite" },
        },
        triggers: [{ type: "scheduled", schedule: CRON }],
      },
    },
  ],
});

const miniflare = new Miniflare(await options(settings));
const end = (): void => {
  void miniflare.dispose().finally(() => process.exit());
};
process.on("SIGTERM", end);
process.on("disconnect", end);

await miniflare.ready;
// Its type comes from the Workers runtime's, which a Node project leaves out.
const worker = (await miniflare.getWorker("parallax")) as unknown as {
  scheduled(options: { cron: string }): Promise<unknown>;
};
const fire = (): void => {
  worker.scheduled({ cron: CRON }).catch((error: unknown) => console.error(`schedule: ${String(error)}`));
};
fire();
setInterval(fire, settings.cronMs);
