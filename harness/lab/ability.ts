/** Whether the lab can run here, and if not, what is missing. Installs nothing. */
import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ENVIRONMENT, PATH } from "./namespace.ts";
import { furnish, parentLine } from "./parent.ts";

const execute = promisify(execFile);

/** Commands and the Debian package each comes in. */
const TOOLS: Readonly<Record<string, string>> = {
  ip: "iproute2",
  nft: "nftables",
  unshare: "util-linux",
  setpriv: "util-linux",
  mount: "mount",
  bash: "bash",
};

/** All kernel features that the lab needs, tried once in a parent that ends at once. Each line names what it proves. */
const TRIAL: readonly (readonly [what: string, words: string])[] = [
  ["a /run of its own", furnish("127.0.0.1")],
  ["network namespaces", "ip netns add one; ip netns add two"],
  ["veth links", "ip link add name left netns one type veth peer name right netns two"],
  ["commands in a namespace", "ip netns exec one true"],
  ["forwarding", "ip netns exec one sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'"],
  [
    "nftables with drop, reject, random and redirect",
    `printf '%s\\n' 'table inet t { chain c { type filter hook forward priority 0' 'numgen random mod 100 < 30 drop' \
'ip saddr 10.0.0.1 reject with tcp reset' 'ip saddr 10.0.0.2 reject with icmpx host-unreachable' '}' \
'chain d { type nat hook prerouting priority -100' 'tcp dport 9 redirect to :10' '}' '}' | ip netns exec one nft -f -`,
  ],
];

/** The results of the check, so that the sentences about them can be tested anywhere. */
export interface Findings {
  platform: string;
  missing: readonly string[];
  /** The step of the trial that failed, and its error message; null if all steps worked or none was tried. */
  failed: { what: string; detail: string } | null;
  isRoot: boolean;
}

const isThere = (tool: string): boolean =>
  PATH.split(":").some((directory) => {
    try {
      accessSync(join(directory, tool), constants.X_OK);
      return directory !== "";
    } catch {
      return false;
    }
  });

/** Checks platform and tools, and runs the trial. */
export const findOut = async (): Promise<Findings> => {
  const { platform } = process;
  const missing = Object.keys(TOOLS).filter((tool) => !isThere(tool));
  const isRoot = process.getuid?.() === 0;
  const failed = platform === "linux" && missing.length === 0 ? await trial() : null;
  return { platform, missing, failed, isRoot };
};

const trial = async (): Promise<Findings["failed"]> => {
  const script = TRIAL.map(([what, words]) => `echo '${what}'\n${words}`).join("\n");
  const [command, ...rest] = [...parentLine(), "sh", "-c", script];
  try {
    await execute(command, rest, { env: ENVIRONMENT });
    return null;
  } catch (error) {
    const {
      stdout = "",
      stderr = "",
      message,
    } = error as { stdout?: string; stderr?: string; message: string };
    const what = stdout.trim().split("\n").at(-1) || "namespaces for network, mounts and processes";
    return { what, detail: stderr.trim() || message };
  }
};

/** Reasons why the lab cannot run, a sentence a line, with what to do about it; empty if it can. */
export const reasonsAgainst = ({ platform, missing, failed, isRoot }: Findings): string[] => {
  if (platform !== "linux") return [`it needs Linux: network namespaces and nftables; this is ${platform}`];
  const packages = [...new Set(missing.map((tool) => TOOLS[tool] ?? tool))];
  if (missing.length > 0)
    return [
      `missing: ${missing.join(", ")}`,
      `install with: apt-get install ${packages.join(" ")} (or what your distribution calls them)`,
    ];
  if (failed === null) return [];
  return [
    `this machine does not let it have ${failed.what}: ${failed.detail}`,
    isRoot
      ? "this root lacks capabilities, as in most containers: use a machine, or a container with --privileged"
      : "run it as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0)",
  ];
};
