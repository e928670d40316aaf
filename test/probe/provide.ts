import type { TestProject } from "vitest/node";
import { readDifferences } from "./corpus/differences.ts";
import { CORPUS } from "./corpus/index.ts";
import { startCorpus } from "./corpus/server.ts";
import "./provided.ts";
import { startKind } from "./kinds/cases.ts";
import { readKinds } from "./kinds/index.ts";
import { startServer, startServers } from "./servers.ts";

/** Global setup: real listeners for tests inside workerd, which cannot start any itself. */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const servers = await startServers();
  const v6 = await startServer((socket) => socket.end("hello\n"), "::1").catch(() => undefined);
  const corpus = await startCorpus(CORPUS);
  project.provide("ports", {
    ...servers.ports,
    ...(v6 === undefined ? {} : { v6: v6.port }),
  });
  project.provide(
    "corpus",
    CORPUS.map(({ name, expect, found }, index) => ({ name, expect, found, port: corpus.ports[index] ?? 0 })),
  );
  project.provide("differences", readDifferences());
  const kinds = await readKinds();
  const started = await Promise.all(kinds.map((kind) => startKind(kind)));
  project.provide(
    "kinds",
    kinds.flatMap(({ scheme, cases }, index) =>
      cases.map((each) => ({ ...each, scheme, url: started[index]?.urls[each.of] ?? "" })),
    ),
  );
  return async () => {
    await servers.stop();
    await v6?.stop();
    await corpus.stop();
    await Promise.all(started.map(({ stop }) => stop()));
  };
};
