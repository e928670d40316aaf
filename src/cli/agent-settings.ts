import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Place } from "../client/client.ts";
import { BootIdSchema } from "../domain/heartbeat.ts";
import { isName, NAME_RULE } from "../domain/name.ts";
import { parsePid } from "./agent-process.ts";

/** What the agent stands beside. */
export type Charge =
  | { kind: "exec"; command: string[]; okCodes: number[] }
  | { kind: "pid"; pid: number }
  | { kind: "pid-file"; file: string }
  | { kind: "host" };

export interface Settings {
  url: string;
  /** null: the file that should hold it could not be read, for `tokenProblem`. */
  token: string | null;
  tokenProblem: string;
  place: Place;
  everyMs: number;
  bootId: string | undefined;
  stateDirectory: string | undefined;
  restarting: boolean;
  charge: Charge;
}

type Environment = Record<string, string | undefined>;

const EVERY_MS = { default: "10000", min: 1_000, max: 3_600_000 };

const OPTIONS = {
  site: { type: "string" },
  target: { type: "string" },
  url: { type: "string" },
  "token-file": { type: "string" },
  "every-ms": { type: "string", default: EVERY_MS.default },
  "boot-id": { type: "string" },
  state: { type: "string" },
  restarting: { type: "boolean", default: false },
  "ok-codes": { type: "string", default: "0,143" },
  exec: { type: "boolean", default: false },
  pid: { type: "string" },
  "pid-file": { type: "string" },
} as const;

class BadArgument extends Error {}

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string => {
  try {
    return settingsOf(args, environment);
  } catch (error) {
    // parseArgs throws a TypeError that names the option.
    if (error instanceof BadArgument || error instanceof TypeError) return error.message;
    throw error;
  }
};

const settingsOf = (args: string[], environment: Environment): Settings => {
  const cut = args.indexOf("--");
  const own = cut < 0 ? args : args.slice(0, cut);
  const command = cut < 0 ? [] : args.slice(cut + 1);
  const { values } = parseArgs({ args: own, options: OPTIONS, strict: true });
  const charge = chargeOf(values, command);
  return {
    url: urlOf(values.url ?? environment["PARALLAX_URL"]),
    ...tokenOf(values["token-file"], environment["PARALLAX_TOKEN"]),
    place: { site: nameOf("--site", values.site), target: nameOf("--target", values.target) },
    everyMs: wholeOf("--every-ms", values["every-ms"], EVERY_MS.min, EVERY_MS.max),
    bootId: bootIdOf(values["boot-id"], charge, environment),
    // systemd may give several, of which the first will do.
    stateDirectory: values.state ?? environment["STATE_DIRECTORY"]?.split(":", 1)[0],
    restarting: values.restarting,
    charge,
  };
};

interface ChargeFlags {
  exec: boolean;
  pid?: string | undefined;
  "pid-file"?: string | undefined;
  "ok-codes": string;
}

const chargeOf = (flags: ChargeFlags, command: string[]): Charge => {
  const { exec, pid, "pid-file": file, "ok-codes": okCodes } = flags;
  if ([exec, pid !== undefined, file !== undefined].filter(Boolean).length > 1)
    throw new BadArgument("--exec, --pid and --pid-file exclude each other");
  if (!exec && command.length > 0) throw new BadArgument("a command after -- needs --exec");
  if (exec) {
    if (command.length === 0) throw new BadArgument("--exec needs a command after --");
    return {
      kind: "exec",
      command,
      okCodes: okCodes.split(",").map((code) => wholeOf("--ok-codes", code, 0, 255)),
    };
  }
  if (file !== undefined) return { kind: "pid-file", file };
  if (pid === undefined) return { kind: "host" };
  const number = parsePid(pid);
  if (number === null) throw new BadArgument(`--pid: ${pid} is not a process id`);
  return { kind: "pid", pid: number };
};

const nameOf = (flag: string, name: string | undefined): string => {
  if (name === undefined) throw new BadArgument(`${flag} is required`);
  if (!isName(name)) throw new BadArgument(`${flag} ${NAME_RULE}`);
  return name;
};

const wholeOf = (flag: string, text: string, min: number, max: number): number => {
  const number = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max))
    throw new BadArgument(`${flag} must be a whole number from ${min} to ${max}`);
  return number;
};

const urlOf = (text: string | undefined): string => {
  if (text === undefined || text === "") throw new BadArgument("--url or PARALLAX_URL is required");
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol))
    throw new BadArgument("--url (PARALLAX_URL) must begin with http:// or https://");
  return text;
};

/** A file that cannot be read is no bad argument: it must not keep a service from starting. */
const tokenOf = (
  file: string | undefined,
  inEnvironment: string | undefined,
): Pick<Settings, "token" | "tokenProblem"> => {
  if (file === undefined) {
    const token = inEnvironment?.trim();
    if (!token) throw new BadArgument("--token-file or PARALLAX_TOKEN is required");
    return { token, tokenProblem: "" };
  }
  try {
    const token = readFileSync(file, "utf8").trim();
    return token === "" ? { token: null, tokenProblem: `${file} is empty` } : { token, tokenProblem: "" };
  } catch (error) {
    return { token: null, tokenProblem: (error as Error).message };
  }
};

/** systemd hands INVOCATION_ID down to everything it starts, and only what it started itself is that boot. */
const bootIdOf = (
  flag: string | undefined,
  charge: Charge,
  { INVOCATION_ID: invocation, SYSTEMD_EXEC_PID: startedPid }: Environment,
): string | undefined => {
  if (flag !== undefined) {
    if (charge.kind === "pid-file")
      throw new BadArgument("--boot-id cannot go with --pid-file: each process is a boot");
    const bootId = BootIdSchema.safeParse(flag);
    if (!bootId.success)
      throw new BadArgument("--boot-id must be 1 to 64 characters of letters, digits and . _ : -");
    return flag;
  }
  const isOurs = startedPid === undefined || startedPid === String(process.pid);
  return charge.kind === "exec" && isOurs && BootIdSchema.safeParse(invocation).success
    ? invocation
    : undefined;
};
