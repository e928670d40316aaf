import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dead, FakeDetector, json, MOODS, problem } from "../fake-detector.ts";
import { Running } from "../running.ts";

let api: FakeDetector;
let run: Running | undefined;

beforeEach(async () => {
  api = await FakeDetector.start();
});
afterEach(async () => {
  run?.endGroup();
  await run?.ended;
  run = undefined;
  await api.vanish();
});

const start = (args: string[] = []): Running => {
  run = new Running(["watch", "--every-ms", "200", ...args], api.environment);
  return run;
};

describe("parallax watch", () => {
  it("prints lines of changes where there is no terminal, through an outage, until it is told to stop", async () => {
    api.set("fra/db-1");
    const watching = start();
    await watching.printed("fra/db-1 alive");
    api.set("fra/db-1", dead());
    await watching.printed("fra/db-1 node_dead confirmed avoid failover seq=42");
    await api.vanish();
    await watching.printed("detector not reached: no answer of the detector");
    await api.appear();
    await watching.printed("detector reached again");
    expect(watching.stdout).not.toContain("\u001b");
    expect(watching.stdout.split("\n").filter((line) => line.includes("fra/db-1"))).toHaveLength(2);
    expect(await watching.end("SIGINT")).toBe(0);
  });

  it.each(MOODS.filter((mood) => mood !== "slow" && mood !== "silent"))(
    "says so in one line when the detector is %s",
    async (mood) => {
      api.set("fra/db-1");
      const watching = start();
      await watching.printed("alive");
      api.mood = mood;
      await watching.printed("detector not reached");
      api.mood = "fine";
      await watching.printed("reached again");
      expect(watching.stdout.trimEnd().split("\n")).toHaveLength(3);
    },
  );

  it("says what the detector finds wrong with itself, and when nothing is any more", async () => {
    api.set("fra/db-1");
    api.reasons = ["overloaded, or interrupted: an alarm rang 4.2 s late within two minutes"];
    const watching = start();
    await watching.printed("detector: overloaded, or interrupted");
    api.reasons = [];
    await watching.printed("nothing is wrong with it any more");
    const printing = new Running(["watch", "--once"], api.environment);
    expect(await printing.ended).toBe(0);
    expect(printing.stdout).not.toContain("detector:");
  });

  it("prints the table once, of one site where one is named", async () => {
    api.set("fra/db-1", dead());
    api.set("ams/db-1");
    const printing = start(["fra", "--once"]);
    expect(await printing.ended).toBe(0);
    expect(printing.stdout.split("\n")).toHaveLength(4);
    expect(printing.stdout).toMatch(/^fra\/db-1 +node_dead confirmed/m);
    api.mood = "500";
    const failing = start(["--once"]);
    expect(await failing.ended).toBe(4);
    expect(failing.stderr).toContain("500");
  });

  it("ends where the detector knows no such site, at its start and after an outage, but not for one that was there", async () => {
    let isThere = false;
    api.set("fra/db-1");
    api.route = (request, response) => {
      if (isThere || !request.url?.startsWith("/v1/verdicts")) return false;
      problem(response, 404, 'there is no site "fra"');
      return true;
    };
    for (const more of [[], ["--once"]]) {
      const mistyped = start(["fra", ...more]);
      expect(await mistyped.ended).toBe(4);
      expect(mistyped.stdout).toBe("");
      expect(mistyped.stderr).toBe('parallax watch: the detector answered 404: there is no site "fra"\n');
    }
    api.mood = "500";
    const early = start(["fra"]);
    await early.printed("detector not reached");
    api.mood = "fine";
    expect(await early.ended).toBe(4);
    isThere = true;
    const watching = start(["fra"]);
    await watching.printed("fra/db-1 alive");
    isThere = false;
    await watching.printed('there is no site "fra"');
    isThere = true;
    await watching.printed("detector reached again");
    expect(await watching.end("SIGINT")).toBe(0);
  });

  it("tells first what has been, where it is asked to, and then goes on", async () => {
    const { site, target, sequence, confirmed, confidence, because, advice, evidence } = api.set(
      "fra/db-1",
      dead(),
    );
    const one = { site, target, sequence, confirmed, confidence, because, advice, evidence };
    const told = { ...one, rule: "good", drill: null, override: null, by: null };
    const older = { ...told, sequence: 41, at: "2026-11-22T18:00:00.000Z", from: "gray", to: "alive" };
    const newer = { ...told, at: "2026-11-22T18:30:00.000Z", from: "alive", to: "node_dead" };
    api.route = (request, response) => {
      if (!request.url?.startsWith("/v1/transitions?")) return false;
      json(response, { transitions: [newer, older], next: null });
      return true;
    };
    const printing = start(["fra", "--once", "--since", "-1h"]);
    expect(await printing.ended).toBe(0);
    expect(printing.stdout.split("\n").map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
      "2026-11-22T18:00:00.000Z fra/db-1 alive",
      "2026-11-22T18:30:00.000Z fra/db-1 node_dead",
      expect.stringMatching(/^Parallax /),
      "TARGET  ",
      "fra/db-1  node_dead",
      "",
    ]);
    expect(api.asked.find(({ path }) => path.startsWith("/v1/transitions"))?.path).toBe(
      "/v1/transitions?since=-1h&site=fra&limit=100",
    );
    const watching = start(["--since", "1h"]);
    await watching.printed("fra/db-1 node_dead confirmed avoid failover seq=42 rule=good");
    api.set("fra/db-1", { sequence: 43 });
    await watching.printed("fra/db-1 alive unconfirmed serve no-failover seq=43");
  });

  it("exits 3 when the token is refused at first", async () => {
    api.mood = "401";
    expect(await start().ended).toBe(3);
  });

  it.each([
    [["fra", "ams"], "one SITE"],
    [["FRA"], "SITE"],
    [["--every-ms", "1"], "--every-ms"],
    [["--since", "yesterday"], "--since must be so long ago"],
  ])("exits 2 for %j", async (args, said) => {
    const bad = new Running(["watch", ...args], api.environment);
    expect(await bad.ended).toBe(2);
    expect(bad.stderr).toContain(said);
  });
});
