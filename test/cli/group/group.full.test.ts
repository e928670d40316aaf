import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseSettings, USAGE } from "../../../src/cli/group/settings.ts";
import { AT, groupNow } from "../../client/group-answers.ts";
import { FakeDetector, json, problem } from "../fake-detector.ts";
import { Running } from "../running.ts";

let api: FakeDetector;
beforeEach(async () => {
  api = await FakeDetector.start();
});
afterEach(() => api.vanish());

const CHANGE = {
  number: 7,
  at: AT,
  kind: "changed",
  epoch: 3,
  from: ["fra/db-2"],
  to: ["fra/db-1"],
  because: "failover from fra/db-2 is advised",
  heldBy: [],
  verdicts: [],
  by: "parallax",
};

const group = async (...args: string[]) => {
  const run = new Running(["group", ...args], api.environment);
  const code = await run.ended;
  return { code, said: run.stdout, told: run.stderr };
};
const answer = (value: unknown): void => {
  api.route = (_request, response) => {
    if (value === null) response.writeHead(204).end();
    else json(response, value);
    return true;
  };
};

describe("parallax group", () => {
  it("shows who leads, and what keeps it from changing", async () => {
    const held = { what: "freeze", member: null, until: AT, detail: "frozen: works\u001b[2J" } as const;
    answer(groupNow({ heldBy: [held], frozen: { reason: "works", until: AT, by: "t-1" } }));
    const { code, said } = await group("show", "db");
    expect(said).toBe(`db epoch=3 fra/db-1 leads at 10.0.0.1 since ${AT}: it asked, and nobody leads
  held by freeze until ${AT}: frozen: works [2J
  frozen until ${AT} by t-1: works
  lease=strict leaseMs=15000 switches left: 4
`);
    expect(code).toBe(0);
    answer({ groups: [{ group: "db", mode: "leader", sites: ["fra"] }] });
    expect((await group("list")).said).toBe("db leader\n");
  });

  it("begins a planned change, freezes and thaws", async () => {
    answer(groupNow());
    expect(await group("switch", "db", "--to", "fra/db-2", "--reason", "works")).toMatchObject({ code: 0 });
    expect(api.asked.at(-1)).toMatchObject({
      path: "/v1/groups/db/switch",
      body: '{"reason":"works","to":"fra/db-2"}',
    });
    expect(await group("freeze", "db", "--for", "30m", "--reason", "works")).toMatchObject({ code: 0 });
    expect(api.asked.at(-1)?.body).toBe('{"reason":"works","ttlMs":1800000}');
    answer(null);
    expect(await group("thaw", "db")).toMatchObject({ code: 0, said: "db may change again\n" });
    expect(api.asked.at(-1)).toMatchObject({ method: "DELETE", path: "/v1/groups/db/freeze" });
  });

  it("prints what was changed, and as JSON what the detector says", async () => {
    answer({ changes: [CHANGE], next: null });
    expect((await group("history", "db")).said).toBe(
      `${AT} changed epoch=3 fra/db-2 → fra/db-1 by parallax: failover from fra/db-2 is advised\n`,
    );
    const { said } = await group("history", "db", "--limit", "5", "--json");
    expect(JSON.parse(said)).toEqual({ changes: [CHANGE], next: null });
    expect(api.asked.at(-1)?.path).toBe("/v1/groups/db/history?limit=5");
  });

  it.each([
    [409, 1],
    [404, 1],
    [401, 3],
    [403, 3],
    [503, 4],
  ])("says what a refusal with %i says, and exits with %i", async (status, code) => {
    api.route = (_request, response) => {
      problem(response, status, "the group is frozen");
      return true;
    };
    const run = await group("switch", "db", "--reason", "works");
    expect(run).toMatchObject({ code, said: "", told: expect.stringContaining("the group is frozen") });
  });

  it("exits with 4 where nobody answers", async () => {
    await api.vanish();
    expect(await group("show", "db")).toMatchObject({ code: 4 });
  });
});

describe("wrong arguments", () => {
  const ENVIRONMENT = { PARALLAX_URL: "http://x", PARALLAX_TOKEN: "t" };
  it.each([
    [[], "say what to do: list, show, switch, freeze, thaw, history"],
    [["drop", "db"], "say what to do"],
    [["show"], "show takes exactly one GROUP"],
    [["show", "a/b"], "GROUP must be 1 to 63 characters"],
    [["list", "db"], "list takes no GROUP"],
    [["switch", "db"], "--reason must be a text of 1 to 500 characters"],
    [["switch", "db", "--to", "db-2", "--reason", "x"], "--to must be SITE/TARGET"],
    [["freeze", "db", "--reason", "x"], "--for must be a time, as 90s, 30m, 2h or 1d, and 7d at most"],
    [["freeze", "db", "--reason", "x", "--for", "8d"], "--for must be a time"],
    [["thaw", "db", "--for", "8d"], "--for cannot be used with thaw"],
    [["history", "db", "--limit", "0"], "--limit must be a whole number from 1 to 100"],
  ])("%j: %s", (args, problemSaid) => {
    expect(parseSettings(args, ENVIRONMENT)).toContain(problemSaid);
  });

  it("are told within 80 columns", () => {
    expect(USAGE.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });
});
