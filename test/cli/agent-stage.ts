import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { FakeHearing } from "./fake-hearing.ts";
import { RunningAgent } from "./running-agent.ts";

interface Stage {
  /** The detector of this test. */
  hearing: FakeHearing;
  /** An empty directory of this test. */
  directory: string;
  /** Starts an agent that this test's end will find ended. */
  run: (args: string[], command?: string[], env?: Record<string, string>) => RunningAgent;
}

/** A detector, a directory and agents for each test of a file, gone after it. */
export const setStage = (): Stage => {
  const stage = {} as Stage;
  let agents: RunningAgent[] = [];
  beforeEach(async () => {
    stage.hearing = await FakeHearing.start();
    stage.directory = mkdtempSync(join(tmpdir(), "parallax-agent-"));
  });
  afterEach(async () => {
    for (const agent of agents) agent.endGroup();
    agents = [];
    await stage.hearing.close();
    rmSync(stage.directory, { recursive: true, force: true });
  });
  stage.run = (args, command, env = {}) => {
    const agent = new RunningAgent({ url: stage.hearing.url, args, env, ...(command ? { command } : {}) });
    agents.push(agent);
    return agent;
  };
  return stage;
};
