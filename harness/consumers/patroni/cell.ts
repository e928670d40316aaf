/** Where a node's processes live: in their own namespaces, which the kernel empties when their first process ends. */

/** The account PostgreSQL runs as: it refuses root. */
export const ACCOUNT = "postgres";

/** Where a cell sees its directory: the account can enter it here, whatever directories are above it on the machine. */
export const CELL_DIR = "/run/cluster";

// Shared memory that ends with the namespace: killing a database leaves its shared segments behind.
const FURNISH = [
  "set -e",
  'exec 9<"$1"',
  "shift",
  "mount -t tmpfs -o mode=755 tmpfs /run",
  `mkdir ${CELL_DIR}`,
  `mount --bind /proc/self/fd/9 ${CELL_DIR}`,
  "mkdir -m 1777 /run/postgresql",
  "mount -t tmpfs -o mode=1777 tmpfs /dev/shm",
  'exec 9<&- "$@"',
].join("\n");

/** Runs the rest of its line as the account. The change of account drops a death signal that was set before. */
export const asAccount: readonly string[] = [
  "setpriv",
  `--reuid=${ACCOUNT}`,
  `--regid=${ACCOUNT}`,
  ..."--init-groups --pdeathsig KILL".split(" "),
];

/** Runs the rest of its line as the account and as first process of a cell that sees this directory. Needs root. */
export const inCell = (dir: string): readonly [string, ...string[]] => [
  "setpriv",
  ..."--pdeathsig KILL".split(" "),
  ..."unshare --pid --ipc --mount --fork --kill-child --mount-proc".split(" "),
  "sh",
  "-c",
  FURNISH,
  "cell",
  dir,
  ...asAccount,
];
