import type { Place } from "../../client/client.ts";
import type { Start } from "../shared/joining/print-unit.ts";
import { BadArgument } from "../shared/arguments/flags.ts";
import type { Charge } from "./settings.ts";

/** The lines for an agent that runs the service, as in examples/agent/parallax-agent@.service. */
const RUNS = `# The service's own user in place of this, where it has one: User=
DynamicUser=yes
Restart=on-failure
RestartSec=1
# The agent exits with 143 when the service ended by the SIGTERM it was sent: no failure.
SuccessExitStatus=143
# SIGTERM to the agent alone, which passes it on; whatever is left in the end is killed.
KillMode=mixed
# The last notice takes 5 s at most, on top of what the service needs to end.
TimeoutStopSec=90
`;

/** The lines for an agent that runs the service or the commands of a group's leader, as in examples/agent/parallax-leader@.service. */
const leads = (runs: boolean): string => `# As root, unless User= says who may run the commands.
Restart=always
RestartSec=1
${
  runs
    ? "# What ends the agent ends the service with it.\nKillMode=mixed"
    : "# The guard must outlive an agent that was killed: the service would lead on unwatched.\nKillMode=process"
}
# A fence that does not do its work is tried until it does.
TimeoutStopSec=90
# So that the machine's shortage of memory ends something else.
OOMScoreAdjust=-900
`;

/** The lines for an agent that watches a process, or none. */
const LOOKS = `DynamicUser=yes
UMask=0077
Restart=on-failure
RestartSec=5
# Wrong arguments, or a token or a code that is refused: trying again would not help.
RestartPreventExitStatus=2 3
TimeoutStopSec=10
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateDevices=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
SystemCallArchitectures=native
`;

interface Asked {
  url: string;
  place: Place;
  charge: Charge["kind"];
  group: string | undefined;
  flags: string[];
  command: string[];
}

const uncontainedBy = ({ charge, group }: Asked): string | undefined => {
  if (charge === "exec")
    return "--print-container cannot go with --exec: put cli.mjs and Node.js into the image of CMD, and start it there as here";
  if (charge === "pid-file")
    return "--print-container cannot go with --pid-file: a container sees other process ids";
  return group === undefined
    ? undefined
    : "--print-container cannot go with --group: the commands are not in the image";
};

export const agentStart = (asked: Asked): Start => {
  const { url, place, charge, group, flags, command } = asked;
  if (charge === "pid")
    throw new BadArgument("--pid names a process of now: give --pid-file to stand in what is printed");
  const { site, target } = place;
  const runs = charge === "exec";
  const service = group !== undefined ? leads(runs) : runs ? RUNS : LOOKS;
  return {
    name: `parallax-agent-${site}-${target}`,
    title: `Parallax agent of ${site}/${target}`,
    command: "agent",
    url,
    flags,
    tail: runs ? ["--exec", "--", ...command] : [],
    service,
    image: "",
    uncontained: uncontainedBy(asked),
  };
};
