import { Daemon } from "../consumers/daemon.ts";
import type { RealServer } from "./server.ts";

export const redis: RealServer = {
  name: "redis",
  title: "Redis, redis://; misconfigured: the primary has become a replica",
  needs: { commands: { "redis-server": "redis-server" } },
  url: ({ port }) => `redis://127.0.0.1:${port}`,
  expect: { role: "primary" },
  prepare: () => Promise.resolve(),
  start: ({ port, dir }, isMisconfigured) => {
    const place = ["--bind", "127.0.0.1", "--port", String(port), "--dir", dir, "--save", ""];
    const replica = isMisconfigured ? ["--replicaof", "127.0.0.1", "1"] : [];
    return new Daemon("redis-server", ["redis-server", ...place, ...replica]);
  },
  sights: {
    runs: { verdict: "alive", onNode: { finds: "ok/done" }, onWorkers: { finds: "ok/done" } },
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
      onNode: { finds: "app_error/body", saying: "its role is replica, expect.role has primary" },
      onWorkers: { finds: "app_error/body", saying: "its role is replica, expect.role has primary" },
    },
  },
};
