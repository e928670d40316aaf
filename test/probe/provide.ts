import type { TestProject } from "vitest/node";
import "./provided.ts";
import { startServer, startServers } from "./servers.ts";

/** Global setup: real listeners for tests inside workerd, which can start none. */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const servers = await startServers();
  const v6 = await startServer((socket) => socket.end("hello\n"), "::1").catch(() => undefined);
  project.provide("ports", { ...servers.ports, ...(v6 === undefined ? {} : { v6: v6.port }) });
  return async () => {
    await servers.stop();
    await v6?.stop();
  };
};
