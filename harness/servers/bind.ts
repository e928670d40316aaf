import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Daemon } from "../consumers/daemon.ts";
import type { RealServer, Seat } from "./server.ts";

const ZONE = `$TTL 300
@ IN SOA ns hostmaster 1 3600 600 86400 60
@ IN NS ns
ns IN A 127.0.0.1
www IN A 192.0.2.7
`;

const configuration = ({ port, dir }: Seat, isMisconfigured: boolean): string => `
options {
  directory "${dir}";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile "${dir}/session.key";
  recursion no;
};
controls { };
${isMisconfigured ? "" : `zone "db.example" { type primary; file "${dir}/db.example.zone"; };`}
`;

/** The kernel accepts a few connections for a frozen server (its backlog), and then none. */
const FROZEN = ["response_timeout/response", "connect_timeout/connect", "pending/connect"];

const fileOf = (dir: string, isMisconfigured: boolean): string =>
  join(dir, isMisconfigured ? "without-zone.conf" : "named.conf");

export const bind: RealServer = {
  name: "bind",
  title: "BIND 9, dns://; misconfigured: it has lost its zone",
  needs: { commands: { named: "bind9" } },
  url: ({ port }) => `dns://127.0.0.1:${port}/www.db.example?type=A`,
  expect: { answers: ["192.0.2.7"], minTtl: 60 },
  prepare: async (seat) => {
    await writeFile(join(seat.dir, "db.example.zone"), ZONE);
    for (const isMisconfigured of [false, true])
      await writeFile(fileOf(seat.dir, isMisconfigured), configuration(seat, isMisconfigured));
  },
  start: ({ dir }, isMisconfigured) =>
    new Daemon("named", ["named", "-g", "-n", "1", "-c", fileOf(dir, isMisconfigured)]),
  sights: {
    runs: {
      verdict: "alive",
      onNode: { finds: "ok/done", saying: "192.0.2.7; 300 s to live" },
      onWorkers: { finds: "ok/done", saying: "192.0.2.7; 300 s to live" },
    },
    "is frozen": {
      verdict: "process_hung",
      onNode: { finds: FROZEN },
      onWorkers: { finds: FROZEN },
    },
    "is killed": {
      verdict: "process_crashed",
      onNode: { finds: "refused/connect", saying: "ECONNREFUSED" },
      onWorkers: { finds: "refused/connect" },
    },
    "is misconfigured": {
      verdict: "gray",
      onNode: { finds: "app_error/body", saying: "rcode REFUSED, expected NOERROR" },
      onWorkers: { finds: "app_error/body", saying: "rcode REFUSED, expected NOERROR" },
    },
  },
};
