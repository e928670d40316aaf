import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { Running } from "../running.ts";
import { FakeHearing } from "./fake-hearing.ts";

interface Stage {
  /** The detector of this test. */
  hearing: FakeHearing;
  /** An empty directory of this test. */
  directory: string;
  /** Starts an agent that this test's end will find ended. */
  run: (args: string[], command?: string[], env?: Record<string, string>, disk?: Disk) => Running;
}

interface Disk {
  fullDisk: boolean;
}

const OWN = ["--site", "fra", "--target", "web-1", "--every-ms", "1000"];

/** The pid of the service, once it is known. */
export const serviceOf = async (agent: Running): Promise<number> =>
  Number((await agent.logged("started"))["pid"]);

/** A detector, a directory and agents for each test of a file, gone after it. */
export const setStage = (): Stage => {
  const stage = {} as Stage;
  let agents: Running[] = [];
  beforeEach(async () => {
    stage.hearing = await FakeHearing.start();
    stage.directory = mkdtempSync(join(tmpdir(), "parallax-agent-"));
  });
  afterEach(async () => {
    for (const agent of agents) agent.endGroup();
    agents = [];
    await stage.hearing.server.vanish();
    rmSync(stage.directory, { recursive: true, force: true });
  });
  stage.run = (args, command, env = {}, disk) => {
    const beside = command === undefined ? [] : ["--exec", "--", ...command];
    const own = { PARALLAX_URL: stage.hearing.server.url, PARALLAX_TOKEN: "local-notify" };
    const agent = new Running(["agent", ...OWN, ...args, ...beside], { ...own, ...env }, disk);
    agents.push(agent);
    return agent;
  };
  return stage;
};
