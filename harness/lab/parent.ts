/**
 * The one parent in which the whole lab lives: its own namespaces for network, mounts and processes. When its first process ends, the
 * kernel ends all the others, and everything else goes with them.
 */
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";

/** Ends with the process that started it, and its first process with it: nothing needs to be cleaned up. */
export const parentLine = (isRoot = userInfo().uid === 0): readonly string[] => [
  ..."setpriv --pdeathsig KILL".split(" "),
  "unshare",
  ...(isRoot ? [] : ["--user", "--map-root-user"]),
  ..."--net --mount --pid --fork --kill-child --mount-proc".split(" "),
];

/** Where the lab writes all its files: memory that only the lab sees. */
export const LAB_DIR = "/run/lab";

/** For programs that write to places of their own choice. */
export const HOMES: Readonly<Record<string, string>> = {
  HOME: `${LAB_DIR}/home`,
  XDG_CONFIG_HOME: `${LAB_DIR}/home`,
  TMPDIR: `${LAB_DIR}/tmp`,
};

/**
 * Shell words that give the new parent its own /run, and its own resolver if one is given. A resolv.conf that is a link into /run, as
 * systemd makes it, is created again there.
 */
export const furnish = (nameServer: string): string =>
  [
    "set -e",
    "resolver=$(readlink -m /etc/resolv.conf)",
    "mount -t tmpfs -o mode=755 tmpfs /run",
    `mkdir -p /run/netns ${LAB_DIR}/tmp ${LAB_DIR}/home "$(dirname "$resolver")"`,
    `printf 'nameserver %s\\noptions timeout:1 attempts:2\\n' ${nameServer} > ${LAB_DIR}/resolv.conf`,
    `case "$resolver" in /run/*) cp ${LAB_DIR}/resolv.conf "$resolver";; *) mount --bind ${LAB_DIR}/resolv.conf "$resolver";; esac`,
    "ip link set lo up",
  ].join("\n");

/** Whether this process runs in the lab's parent and not on the machine's own network: a guard. */
export const isInParent = (): boolean => {
  const interfaces = readFileSync("/proc/self/net/dev", "utf8").split("\n").slice(2);
  return (
    process.pid === 1 &&
    interfaces.every((line) => line.trim() === "" || /^\s*(lo|sit0|tunl0|ip6tnl0):/.test(line))
  );
};
