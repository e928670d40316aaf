import type { Start } from "../shared/joining/print-unit.ts";

/** The lines of the unit, as in examples/vantage/parallax-vantage.service. */
const SERVICE = `# Names are looked up by this many threads: with four, a few dead names would hold up all others.
Environment=UV_THREADPOOL_SIZE=64
DynamicUser=yes
UMask=0077
Restart=on-failure
RestartSec=5
# Wrong arguments, or a token or a code that is refused: trying again would not help.
RestartPreventExitStatus=2 3
TimeoutStopSec=10
MemoryMax=512M
LimitNOFILE=8192
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
# Netlink is how the resolver asks which address families this host has.
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
# Not MemoryDenyWriteExecute: V8 compiles to machine code.
`;

export const vantageStart = (url: string, flags: string[]): Start => ({
  name: "parallax-vantage",
  title: "Parallax vantage",
  command: "vantage",
  url,
  flags,
  tail: [],
  service: SERVICE,
  image: `# As in a unit: names are looked up by this many threads.
ENV UV_THREADPOOL_SIZE=64
# With --network host it looks from the host's own addresses, as most vantages should.
`,
});
