import { parseArgs } from "node:util";
import type { Place } from "../../client/client.ts";
import { BootIdSchema } from "../../domain/heartbeat.ts";
import { isName, NAME_RULE } from "../../domain/name.ts";
import {
  BadArgument,
  type Environment,
  heldToken,
  settingsBy,
  SHARED_OPTIONS,
  stateOf,
  type Token,
  tokenOf,
  urlOf,
  wholeOf,
} from "../flags.ts";
import type { LeadFlags } from "./lead/ports.ts";
import { LEAD_OPTIONS, LEAD_USAGE, leadFlags } from "./lead/settings.ts";
import { parsePid } from "./pid-file.ts";

/** What the agent stands beside. A token that cannot be read must not keep a service from starting. */
export type Charge =
  | { kind: "exec"; command: string[]; okCodes: number[]; token: Token }
  | ((Watched | { kind: "host" }) & { token: string });
/** A process that something else supervises. */
export type Watched = { kind: "pid"; pid: number } | { kind: "pid-file"; file: string };

export interface Settings {
  url: string;
  place: Place;
  everyMs: number;
  bootId: string | undefined;
  /** Where an undelivered end is kept. */
  state: string | undefined;
  restarting: boolean;
  charge: Charge;
  /** Of a group; undefined where it has none. */
  lead: LeadFlags | undefined;
}

const OPTIONS = {
  ...SHARED_OPTIONS,
  site: { type: "string" },
  target: { type: "string" },
  "every-ms": { type: "string", default: "10000" },
  "boot-id": { type: "string" },
  restarting: { type: "boolean", default: false },
  "ok-codes": { type: "string", default: "0,143" },
  exec: { type: "boolean", default: false },
  pid: { type: "string" },
  "pid-file": { type: "string" },
  ...LEAD_OPTIONS,
} as const;

export const USAGE = `Usage: parallax agent --site S --target T [options] --exec -- CMD [ARGS…]
       parallax agent --site S --target T [options] --pid-file FILE | --pid N
       parallax agent --site S --target T [options]

With --exec it runs CMD and says when it starts, lives, stops and crashes. With --pid-file or --pid
it watches a process that something else supervises. With neither it sends heartbeats for the host alone.

  --url URL           the detector; or PARALLAX_URL
  --token-file FILE   holds the target's notify token; or PARALLAX_TOKEN in the environment
  --every-ms N        between heartbeats, 1000 to 3600000; default 10000
  --boot-id ID        of this run; default: a random one, under systemd INVOCATION_ID
  --state DIR         keeps an undelivered end for the next start; default: $STATE_DIRECTORY, else nowhere
  --restarting        a crash notice says that a supervisor starts it again
  --ok-codes LIST     exit codes of an orderly end; default 0,143

${LEAD_USAGE}
Exits with CMD's code (128 plus the number of the signal that ended it), 127 when CMD is not found and
126 when it cannot be executed. Without --exec: 0 when a signal or the end of --pid N ended it, 1 when
there is no process N, 3 when the token is refused. 2 for wrong arguments.
`;

/** Arguments and environment as settings, or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | string => {
  const cut = args.indexOf("--");
  const own = cut < 0 ? args : args.slice(0, cut);
  const command = cut < 0 ? [] : args.slice(cut + 1);
  return settingsBy(own, () => {
    const { values } = parseArgs({ args: own, options: OPTIONS, strict: true });
    const url = urlOf(values.url, environment);
    const charge = chargeOf(values, command, tokenOf(values["token-file"], environment));
    const state = stateOf(values.state, environment);
    return {
      url,
      place: { site: nameOf("--site", values.site), target: nameOf("--target", values.target) },
      everyMs: wholeOf("--every-ms", values["every-ms"], 1_000, 3_600_000),
      bootId: bootIdOf(values["boot-id"], charge, environment),
      state,
      restarting: values.restarting,
      charge,
      lead: leadFlags(values, state, charge.kind === "exec"),
    };
  });
};

interface ChargeFlags {
  exec: boolean;
  pid?: string | undefined;
  "pid-file"?: string | undefined;
  "ok-codes": string;
}

const chargeOf = (flags: ChargeFlags, command: string[], token: Token): Charge => {
  const { exec, pid, "pid-file": file, "ok-codes": okCodes } = flags;
  if ([exec, pid !== undefined, file !== undefined].filter(Boolean).length > 1)
    throw new BadArgument("--exec, --pid and --pid-file exclude each other");
  if (!exec && command.length > 0) throw new BadArgument("a command after -- needs --exec");
  if (!exec) return { ...besideOf(pid, file), token: heldToken(token) };
  if (command.length === 0) throw new BadArgument("--exec needs a command after --");
  const codes = okCodes.split(",").map((code) => wholeOf("--ok-codes", code, 0, 255));
  return { kind: "exec", command, okCodes: codes, token };
};

const besideOf = (pid: string | undefined, file: string | undefined): Watched | { kind: "host" } => {
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
