import { expect, it } from "vitest";
import { replayIncident, servedJudge } from "./replays.ts";
import { SCENARIOS } from "./scenarios.ts";

it("an incident is judged again to the same by the script that the page loads, wherever the record begins", async () => {
  const judging = await servedJudge();
  let all = 0;
  for (const [index, scenario] of SCENARIOS.slice(0, 4).entries()) {
    const { published, differences } = await replayIncident(judging, scenario, index + 1);
    all += published;
    expect(differences).toBe(0);
  }
  expect(all).toBeGreaterThan(0);
});
