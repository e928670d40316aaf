import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import { Running } from "../running.ts";
import { FakeHearing } from "./fake-hearing.ts";
import { FakeDetector } from "../fake-detector.ts";

export interface Stage {
  /** The detector of this test. */
  hearing: FakeHearing;
  /** An empty directory of this test. */
  directory: string;
  /** Starts an agent; the test ends it at its own end. */
  run: (args: string[], command?: string[], env?: Record<string, string>, disk?: Disk) => Running;
  /** Calls `end` after this test, whether the test passed or not. */
  atEnd: (end: () => void) => void;
}

interface Disk {
  fullDisk: boolean;
}

const OWN = ["--site", "fra", "--target", "web-1", "--every-ms", "1000"];

/** The pid of the service, once it is known. */
export const serviceOf = async (agent: Running): Promise<number> =>
  Number((await agent.logged("started"))["pid"]);

/** A test with a detector, a directory and agents of its own, which are removed after it. Several tests may run at once. */
export const it = test.extend<{ stage: Stage }>({
  // Vitest reads the names of other fixtures off this pattern.
  // oxlint-disable-next-line no-empty-pattern
  stage: async ({}, use) => {
    const hearing = new FakeHearing(await FakeDetector.start());
    const directory = mkdtempSync(join(tmpdir(), "parallax-agent-"));
    const ends: (() => void)[] = [];
    const run: Stage["run"] = (args, command, env = {}, disk) => {
      const beside = command === undefined ? [] : ["--exec", "--", ...command];
      const own = { PARALLAX_URL: hearing.server.url, PARALLAX_TOKEN: "local-notify" };
      const agent = new Running(["agent", ...OWN, ...args, ...beside], { ...own, ...env }, disk);
      ends.push(() => agent.endGroup());
      return agent;
    };
    await use({ hearing, directory, run, atEnd: (end) => ends.push(end) });
    for (const end of ends) end();
    await hearing.server.vanish();
    rmSync(directory, { recursive: true, force: true });
  },
});
