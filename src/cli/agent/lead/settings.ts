import { isName, NAME_RULE } from "../../../domain/name.ts";
import { BadArgument, wholeOf } from "../../shared/arguments/flags.ts";
import type { LeadFlags } from "./lead-ports.ts";

export const LEAD_OPTIONS = {
  group: { type: "string" },
  "on-lead": { type: "string" },
  "on-follow": { type: "string" },
  "on-fence": { type: "string" },
  position: { type: "string" },
  "command-limit-ms": { type: "string" },
} as const;

/**
 * A promotion that replays what it has received takes seconds, and a database's own command for it waits for a minute at most. A shorter
 * limit would give the lease back in the midst of a promotion; a longer one would leave the group without a leader for longer.
 */
const LIMIT_MS = "30000";

export const LEAD_USAGE = `In a group of mode leader, beside all that:
  --group G           ask for the lease of group G, and lead while it is held
  --on-lead CMD       makes the service lead. Where it fails, the service is
                      fenced and the lease given back
  --on-follow CMD     makes it follow who leads; tried again until it has
  --on-fence CMD      makes it stop leading, at once: 0 says that it has. Else
                      the service of --exec is killed, its process group whole
  --position CMD      prints how far its copy reaches, a number, the greater
                      the newer; each heartbeat carries the last one
  --command-limit-ms N
                      for each of them, 100 to 600000; default ${LIMIT_MS}.
                      Under a strict lease a fence has a sixth of the lease

Each CMD is one string, run by sh -c in a process group of its own, with its
output in the log and without the token. It may be run again though it was
done. It is told PARALLAX_GROUP, PARALLAX_MEMBER (SITE/TARGET),
PARALLAX_EPOCH, PARALLAX_LEADER (the address to follow, empty where nobody
leads), PARALLAX_LEADER_MEMBER, and for --on-fence PARALLAX_CAUSE: lease,
switch, superseded, failed, ended or stopping. --group needs --state (or
STATE_DIRECTORY), for the greatest epoch, and --on-fence or --exec.
`;

interface Flags {
  group?: string | undefined;
  "on-lead"?: string | undefined;
  "on-follow"?: string | undefined;
  "on-fence"?: string | undefined;
  position?: string | undefined;
  "command-limit-ms"?: string | undefined;
}

const FOR_GROUPS = ["on-lead", "on-follow", "on-fence", "command-limit-ms"] as const;

/** Undefined without a group. `runs`: the agent runs the service. */
export const leadFlags = (flags: Flags, state: string | undefined, runs: boolean): LeadFlags | undefined => {
  const { group } = flags;
  const stray = [...FOR_GROUPS, "position" as const].find((name) => flags[name] !== undefined);
  if (group === undefined) {
    if (stray !== undefined) throw new BadArgument(`--${stray} needs --group`);
    return undefined;
  }
  if (!isName(group)) throw new BadArgument(`--group ${NAME_RULE}`);
  for (const name of ["on-lead", "on-follow", "on-fence", "position"] as const)
    if (flags[name]?.trim() === "") throw new BadArgument(`--${name} needs a command`);
  if (state === undefined)
    throw new BadArgument("--group needs --state DIR (or STATE_DIRECTORY), for the greatest epoch seen");
  if (flags["on-fence"] === undefined && !runs)
    throw new BadArgument(
      "--group needs --on-fence CMD, or --exec: nothing else could make the service stop leading",
    );
  return {
    group,
    onLead: flags["on-lead"],
    onFollow: flags["on-follow"],
    onFence: flags["on-fence"],
    position: flags.position,
    limitMs: wholeOf("--command-limit-ms", flags["command-limit-ms"] ?? LIMIT_MS, 100, 600_000),
    state,
  };
};
