import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseSettings } from "../../../src/cli/gate/settings.ts";
import { FakeDetector, json, MOODS, problem } from "../fake-detector.ts";
import { Running } from "../running.ts";

let api: FakeDetector;
let state: string;
beforeEach(async () => {
  api = await FakeDetector.start();
  state = mkdtempSync(join(tmpdir(), "parallax-gate-"));
});
afterEach(async () => {
  await api.vanish();
  rmSync(state, { recursive: true, force: true });
});

const says = (text: string, headers: Record<string, string> = {}, status = 200): void => {
  api.route = (request, response) => {
    if (!request.url?.startsWith("/v1/groups/db/leader?format=text&nonce=")) return false;
    response.writeHead(status, { "Content-Length": text.length, ...headers }).end(text);
    return true;
  };
};
const gate = async (environment = api.environment) => {
  const args = ["gate", "--group", "db", "--member", "fra/db-1", "--state", state, "--timeout-ms", "1000"];
  const run = new Running(args, environment);
  const code = await run.ended;
  return { code, said: run.stdout };
};
/** The members of the group, besides who leads it. */
const withMembers = (members: unknown): void => {
  const { route } = api;
  api.route = (request, response, body) => {
    if (request.url !== "/v1/groups/db") return route(request, response, body);
    json(response, { group: "db", members });
    return true;
  };
};
const file = (): string => join(state, "db.epoch");

describe("parallax gate --group", () => {
  it("opens for the member that leads, and keeps the epoch", async () => {
    says("fra/db-1 10.0.0.1 3\n");
    expect(await gate()).toEqual({
      code: 0,
      said: "open fra/db-1: fra/db-1 leads db at 10.0.0.1 epoch=3\n",
    });
    expect(readFileSync(file(), "utf8")).toBe("3\n");
  });

  it("stays closed for another's lead, and for one in an epoch older than one seen before", async () => {
    says("fra/db-2 10.0.0.2 4\n");
    expect(await gate()).toEqual({
      code: 1,
      said: "closed fra/db-1: fra/db-2 leads db at 10.0.0.2 epoch=4\n",
    });
    says("fra/db-1 10.0.0.1 3\n");
    expect(await gate()).toMatchObject({ code: 1, said: expect.stringContaining("older than 4") });
    writeFileSync(file(), "four\n");
    expect(await gate()).toMatchObject({ code: 1, said: expect.stringContaining("does not hold an epoch") });
  });

  it("says that the member is none of the group, whoever leads it", async () => {
    const others = [
      { site: "fra", target: "db-2", serves: true },
      { site: "ams", target: "db-1", serves: false },
    ];
    const stranger = "closed fra/db-1: fra/db-1 is no member of db: its members are fra/db-2, ams/db-1\n";
    says("fra/db-2 10.0.0.2 4\n");
    withMembers(others);
    expect(await gate()).toEqual({ code: 1, said: stranger });
    api.route = (_request, response) => {
      problem(response, 409, "nobody leads");
      return true;
    };
    withMembers(others);
    expect(await gate()).toEqual({ code: 1, said: stranger });
    for (const members of [[...others, { site: "fra", target: "db-1" }], "none", []]) {
      says("fra/db-2 10.0.0.2 4\n");
      withMembers(members);
      expect(await gate()).toMatchObject({ code: 1, said: expect.stringContaining("fra/db-2 leads db") });
    }
  });

  it.each([
    ["a cache", "fra/db-1 10.0.0.1 3\n", { Age: "7" }],
    ["two lines", "fra/db-1 10.0.0.1 3\nfra/db-2 10.0.0.2 4\n", {}],
    ["a page", "<html>fra/db-1 leads</html>", {}],
    ["no epoch", "fra/db-1 10.0.0.1\n", {}],
  ])("stays closed for %s", async (_name, text, headers) => {
    says(text, headers as Record<string, string>);
    expect(await gate()).toMatchObject({ code: 1, said: expect.stringMatching(/^closed /) });
  });

  it.each(MOODS.filter((mood) => mood !== "401" && mood !== "403"))(
    "stays closed when the detector is %s",
    async (mood) => {
      says("fra/db-1 10.0.0.1 3\n");
      api.mood = mood;
      expect((await gate()).code).toBe(1);
    },
  );

  it("says that nobody leads, and that the token is refused", async () => {
    api.route = (_request, response) => {
      problem(response, 409, "it did not renew its lease");
      return true;
    };
    expect(await gate()).toMatchObject({ code: 1, said: expect.stringContaining("did not renew") });
    expect(await gate({ ...api.environment, PARALLAX_TOKEN: "other" })).toMatchObject({ code: 3 });
  });

  it.each([
    [["--group", "db"], "--group needs --member SITE/TARGET"],
    [["--group", "a/b", "--member", "fra/db-1"], "--group must be"],
    [["--group", "db", "--member", "db-1"], "--group needs --member SITE/TARGET"],
    [["--member", "fra/db-1"], "--member needs --group"],
    [["--group", "db", "--member", "fra/db-1", "fra/db-1"], "name the member by --member"],
  ])("%j: %s", (args, said) => {
    expect(parseSettings(args, { PARALLAX_URL: "http://x", PARALLAX_TOKEN: "t" })).toContain(said);
  });
});
