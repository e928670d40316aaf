/** The detector that all worlds watch by: its bundle in a process of its own, with the variables of `npm run dev`. */
import { fileURLToPath } from "node:url";
import type { Launch } from "../../scripts/detector.ts";
import type { HostSettings } from "./host.ts";

const HOST = fileURLToPath(new URL("./host.ts", import.meta.url));
const CRON_MS = 60_000;

/** The regional vantages of a detector that is told of no others. */
export const VANTAGES = ["wnam", "enam", "weur", "eeur", "apac-ne", "apac-se", "oc"];

/** How a deployment differs from the usual one. */
export interface Deployed {
  /** Over the variables of `npm run dev`. */
  vars?: Record<string, string>;
  cronMs?: number;
  /** The address to listen on; default: loopback. */
  host?: string;
  /** In what way its bundle is another than the one that is deployed. */
  altered?: HostSettings["altered"];
  /** Parts of the last release; another main module for all of them. */
  old?: HostSettings["old"];
  bundle?: string;
}

/** How to start the detector of this bundle; `deployed` is read at every start, so what changes in it between two holds from the second on. */
export const launchHost =
  (bundle: string, deployed: Deployed = {}): Launch =>
  ({ port, stateDir }) => {
    const settings: HostSettings = {
      port,
      stateDir,
      ...(deployed.host === undefined ? {} : { host: deployed.host }),
      bundle: deployed.bundle ?? bundle,
      ...(deployed.old === undefined ? {} : { old: deployed.old }),
      cronMs: deployed.cronMs ?? CRON_MS,
      altered: deployed.altered,
      vars: {
        VANTAGES: VANTAGES.join(","),
        CONTROLS: `tcp://127.0.0.1:${port}`,
        SHARDS: "1",
        AGGREGATOR_HINT: "",
        ALLOW_PRIVATE: "true",
        ADMIN_TOKEN: "local-admin",
        READ_TOKEN: "local-read",
        ...deployed.vars,
      },
    };
    return [HOST, JSON.stringify(settings)];
  };
