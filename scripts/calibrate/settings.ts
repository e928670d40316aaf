/** The arguments of `npm run calibrate`. */
import { isIP } from "node:net";
import { parseArgs } from "node:util";
import type { Environment } from "../../src/cli/shared/arguments/flags.ts";
import {
  accessSettings,
  BadArgument,
  noWords,
  wholeOf,
  type Access,
} from "../../src/cli/shared/arguments/flags.ts";
import { FAULTS, type Fault } from "./faults.ts";
import { KEY_MIN, PORTS } from "./order.ts";

export const USAGE = `Usage: PARALLAX_TOKEN=… CALIBRATION_KEY=… npm run calibrate -- --url https://DETECTOR --node NAME [options]

Causes faults, one after another, at a node of yours, has every vantage on Workers reach out to it, watches what the detector makes of them, and
writes what production really returned into one file. It deploys nothing, and deletes the targets it makes, on Ctrl-C as well.

  --url URL           the detector (or PARALLAX_URL); the token must be an administrator's (or --token-file FILE)
  --node NAME         the host on which calibration-node.mjs runs, by a name: an address is looked at in another way
  --port PORT         the first of its ports (8879)
  --out FILE          where the record goes (calibration.json)
  --only A,B          these faults alone: ${FAULTS.map(({ name }) => name).join(", ")}, proxied
  --vantages A,B      from these alone; default: all on Workers
  --proxied URL       of a name that Cloudflare's proxy serves from the node's second port (one of those it serves: 8880, say)
`;

export interface Settings extends Access {
  node: string;
  port: number;
  key: string;
  out: string;
  faults: readonly Fault[];
  /** Undefined for all. */
  vantages: string[] | undefined;
}

const OPTIONS = {
  node: { type: "string" },
  port: { type: "string" },
  out: { type: "string" },
  only: { type: "string" },
  vantages: { type: "string" },
  proxied: { type: "string" },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

const LAST_FIRST_PORT = 65_535 - PORTS.tls;
const DEFAULT_PORT = "8879";

const listOf = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

const nodeOf = ({ node = "" }: Values): string => {
  if (node === "") throw new BadArgument("--node is required");
  if (isIP(node) !== 0)
    throw new BadArgument(
      "--node must be a name, since an address is looked at in another way: any name that leads there",
    );
  if (!URL.canParse(`http://${node}:1/`) || /[/:@?#]/.test(node))
    throw new BadArgument("--node must be a name alone, without a scheme, port or path");
  return node.toLowerCase();
};

const proxiedOf = ({ proxied }: Values): Fault[] => {
  if (proxied === undefined) return [];
  if (!/^https?:\/\//.test(proxied) || !URL.canParse(proxied))
    throw new BadArgument("--proxied must be a URL that begins with http:// or https://");
  return [{ name: "proxied", scheme: "http", port: "crash", mode: "crashed", url: proxied }];
};

const faultsOf = (values: Values): Fault[] => {
  const all = [...FAULTS, ...proxiedOf(values)];
  if (values.only === undefined) return all;
  const names = listOf(values.only);
  const unknown = names.find((name) => !all.some((fault) => fault.name === name));
  if (unknown === "proxied") throw new BadArgument("--only proxied needs --proxied");
  if (unknown !== undefined || names.length === 0)
    throw new BadArgument(
      `--only: there is no fault "${unknown ?? ""}"; there are ${all.map(({ name }) => name).join(", ")}`,
    );
  return all.filter(({ name }) => names.includes(name));
};

const keyOf = ({ CALIBRATION_KEY = "" }: Environment): string => {
  if (CALIBRATION_KEY.length < KEY_MIN)
    throw new BadArgument(
      `CALIBRATION_KEY must be the key that calibration-node.mjs was started with, ${KEY_MIN} characters or more`,
    );
  return CALIBRATION_KEY;
};

/** Settings, or what is wrong with the arguments, naming the flag. */
export const settingsOf = (args: string[], environment: Environment): Settings | string =>
  accessSettings(args, environment, OPTIONS, (values, words) => {
    noWords(words);
    return {
      node: nodeOf(values),
      port: wholeOf("--port", values.port ?? DEFAULT_PORT, 1, LAST_FIRST_PORT),
      key: keyOf(environment),
      out: values.out ?? "calibration.json",
      faults: faultsOf(values),
      vantages: values.vantages === undefined ? undefined : listOf(values.vantages),
    };
  });
