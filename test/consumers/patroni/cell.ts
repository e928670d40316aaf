/** Where a node's processes live: namespaces of their own, which the kernel empties when their first process ends. */

/** The account PostgreSQL runs as: it refuses root. */
export const ACCOUNT = "postgres";

// Memory that goes with the namespace: whoever kills a database leaves its shared segments behind.
const FURNISH = [
  "set -e",
  "mount -t tmpfs -o mode=755 tmpfs /run",
  "mkdir -m 1777 /run/postgresql",
  "mount -t tmpfs -o mode=1777 tmpfs /dev/shm",
  'exec "$@"',
].join("\n");

/** Runs the rest of its line as the account; the change of account drops a death signal that was set before. */
export const asAccount: readonly string[] = [
  "setpriv",
  `--reuid=${ACCOUNT}`,
  `--regid=${ACCOUNT}`,
  ..."--init-groups --pdeathsig KILL".split(" "),
];

/** Runs the rest of its line as the account and as first process of a cell. Needs root. */
export const inCell: readonly [string, ...string[]] = [
  "setpriv",
  ..."--pdeathsig KILL".split(" "),
  ..."unshare --pid --ipc --mount --fork --kill-child --mount-proc".split(" "),
  "sh",
  "-c",
  FURNISH,
  "cell",
  ...asAccount,
];
