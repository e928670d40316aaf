import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Daemon } from "../consumers/daemon.ts";
import type { RealServer, Seat } from "./server.ts";

const execute = promisify(execFile);
const BIN = "/usr/lib/postgresql/15/bin";
const ACCOUNT = "postgres";
/** It will not run as root; what is started for another account has to be told anew to end with us. */
const AS_ACCOUNT =
  process.getuid?.() === 0
    ? ["setpriv", "--reuid", ACCOUNT, "--regid", ACCOUNT, "--clear-groups", "--pdeathsig", "KILL"]
    : [];

const dataOf = ({ dir }: Seat): string => join(dir, "data");

const run = async (line: readonly string[]): Promise<void> => {
  const [command = "", ...rest] = line;
  await execute(command, rest);
};

export const postgresql: RealServer = {
  name: "postgresql",
  title: "PostgreSQL 15, postgres://; misconfigured: a standby that serves nobody (hot_standby = off)",
  needs: { commands: { [`${BIN}/postgres`]: "postgresql-15" } },
  url: ({ port }) => `postgres://127.0.0.1:${port}`,
  expect: { ready: true },
  prepare: async (seat) => {
    if (AS_ACCOUNT.length > 0) await run(["chown", ACCOUNT, seat.dir]);
    const password = join(seat.dir, "password");
    await writeFile(password, "secret\n");
    await run([
      ...AS_ACCOUNT,
      `${BIN}/initdb`,
      "--no-sync",
      "-D",
      dataOf(seat),
      "-A",
      "scram-sha-256",
      "--pwfile",
      password,
    ]);
  },
  start: (seat, isMisconfigured) => {
    const settings = {
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      fsync: "off",
      ...(isMisconfigured ? { hot_standby: "off" } : {}),
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const server = [
      ...AS_ACCOUNT,
      `${BIN}/postgres`,
      "-D",
      dataOf(seat),
      "-p",
      String(seat.port),
      ...options,
    ];
    // A server that was killed leaves its lock behind, and what makes it a standby is a file.
    const first = `rm -f '${dataOf(seat)}/postmaster.pid'; ${isMisconfigured ? `touch '${dataOf(seat)}/standby.signal';` : ""}`;
    return new Daemon("postgres", ["sh", "-c", `${first} exec "$@"`, "sh", ...server]);
  },
  sights: {
    runs: {
      verdict: "alive",
      onNode: { finds: "ok/done", saying: "it asks who we are" },
      onWorkers: { finds: "ok/done", saying: "it asks who we are" },
    },
    "is frozen": {
      verdict: "process_hung",
      onNode: { finds: "response_timeout/response" },
      onWorkers: { finds: "response_timeout/response" },
    },
    "is killed": {
      verdict: "process_crashed",
      onNode: { finds: "refused/connect" },
      onWorkers: { finds: "refused/connect" },
    },
    "is misconfigured": {
      verdict: "gray",
      onNode: { finds: "app_error/body", saying: "not accepting connections (57P03)" },
      onWorkers: { finds: "app_error/body", saying: "not accepting connections (57P03)" },
    },
  },
};
