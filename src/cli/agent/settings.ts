import type { Place } from "../../client/client.ts";
import { BootIdSchema } from "../../domain/heartbeat.ts";
import { isName, NAME_RULE } from "../../domain/name.ts";
import {
  BadArgument,
  type Environment,
  settingsBy,
  SHARED_OPTIONS,
  stateDirectory,
  strictArgs,
  urlOf,
  wholeOf,
} from "../shared/arguments/flags.ts";
import {
  type Credential,
  credentialOf,
  JOIN_OPTIONS,
  type Joining,
  soundOf,
} from "../shared/joining/credential.ts";
import {
  flagsAgain,
  PRINT_OPTIONS,
  printed,
  type Printing,
  refuseWithPrint,
} from "../shared/joining/print-unit.ts";
import type { LeadFlags } from "./lead/lead-ports.ts";
import { LEAD_OPTIONS, LEAD_USAGE, leadFlags } from "./lead/settings.ts";
import { parsePid } from "./pid-file.ts";
import { agentStart } from "./agent-unit.ts";

/** What the agent speaks for. With `exec`, a token that cannot be read must not keep the service from starting. */
export type Charge =
  | { kind: "exec"; command: string[]; okCodes: number[]; credential: Credential }
  | ((Watched | { kind: "host" }) & { credential: { token: string } | Joining });
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
  /** The settings of a group; undefined where the agent has none. */
  lead: LeadFlags | undefined;
}

const OPTIONS = {
  ...SHARED_OPTIONS,
  ...JOIN_OPTIONS,
  ...PRINT_OPTIONS,
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
  --join-file FILE    a join code, in a file: traded for that token at the first start, which is kept,
                      with mode 600, in --token-file, else in the state directory as SITE.TARGET.token,
                      and used from then on. Or PARALLAX_JOIN, --join - (stdin), or --join CODE: once
                      used it is worth nothing. POST /v1/joins, or parallax join, makes a code
  --print-unit        print a systemd unit that does this, without a secret in it, and end
  --print-container   the same for a container: a Containerfile
  --every-ms N        between heartbeats, 1000 to 3600000; default 10000
  --boot-id ID        of this run; default: a random one, under systemd INVOCATION_ID
  --state DIR         keeps an undelivered end for the next start; default: $STATE_DIRECTORY, else nowhere
  --restarting        a crash notice says that a supervisor starts it again
  --ok-codes LIST     exit codes of an orderly end; default 0,143

${LEAD_USAGE}
Exits with CMD's code (128 plus the number of the signal that ended it), 127 when CMD is not found and
126 when it cannot be executed. Without --exec: 0 when a signal or the end of --pid N ended it, 1 when
there is no process N, 3 when the token or the code is
refused. 2 for wrong arguments.
`;

/** Flags that the printed unit or container leaves out, or gives in a form of its own. */
const PLACED = ["url", "token-file", "state", "join", "join-file", "print-unit", "print-container", "exec"];

/** Arguments and environment as settings, or what is to be printed; or what is wrong with them, naming the flag. */
export const parseSettings = (args: string[], environment: Environment): Settings | Printing | string => {
  const cut = args.indexOf("--");
  const own = cut < 0 ? args : args.slice(0, cut);
  const command = cut < 0 ? [] : args.slice(cut + 1);
  return settingsBy<Settings | Printing>(own, () => {
    const { values } = strictArgs(own, OPTIONS);
    const url = urlOf(values.url, environment);
    const place = { site: nameOf("--site", values.site), target: nameOf("--target", values.target) };
    const { kind } = watchedBy(values, command);
    const flags = flagsAgain(values, OPTIONS, PLACED);
    const start = () => agentStart({ url, place, charge: kind, group: values.group, flags, command });
    refuseWithPrint(values, { state: values.state });
    const printing = printed(values, start);
    if (printing !== undefined) return printing;
    const state = stateDirectory(values.state, environment);
    const home = { url, state, name: `${place.site}.${place.target}.token` };
    const charge = chargeOf(values, command, credentialOf(values, environment, home).credential);
    return {
      url,
      place,
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
  join?: string | undefined;
  "ok-codes": string;
}

/** What the agent speaks for, by the flags. */
const watchedBy = (flags: ChargeFlags, command: string[]): Watched | { kind: "host" } | { kind: "exec" } => {
  const { exec, pid, "pid-file": file, join } = flags;
  if ([exec, pid !== undefined, file !== undefined].filter(Boolean).length > 1)
    throw new BadArgument("--exec, --pid and --pid-file exclude each other");
  if (!exec && command.length > 0) throw new BadArgument("a command after -- needs --exec");
  if (!exec) return besideOf(pid, file);
  if (command.length === 0) throw new BadArgument("--exec needs a command after --");
  if (join === "-") throw new BadArgument("--join - cannot go with --exec: stdin is the command's");
  return { kind: "exec" };
};

const chargeOf = (flags: ChargeFlags, command: string[], credential: Credential): Charge => {
  const watched = watchedBy(flags, command);
  if (watched.kind !== "exec") return { ...watched, credential: soundOf(credential) };
  const codes = flags["ok-codes"].split(",").map((code) => wholeOf("--ok-codes", code, 0, 255));
  return { kind: "exec", command, okCodes: codes, credential };
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

/** systemd's INVOCATION_ID is inherited by every descendant process; it is the boot only of the process that systemd itself started. */
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
