import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseSettings } from "../../../src/cli/watch/settings.ts";
import type { GroupChange } from "../../../src/domain/group.ts";
import { AT, groupNow } from "../../client/group-answers.ts";
import { FakeDetector, json, problem } from "../fake-detector.ts";
import { Running } from "../running.ts";

let api: FakeDetector;
let run: Running | undefined;
let changes: GroupChange[];
beforeEach(async () => {
  api = await FakeDetector.start();
  changes = [change(1)];
  api.route = (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", api.url);
    if (pathname === "/v1/groups/db/history") {
      const limit = Math.min(Number(searchParams.get("limit")), 2);
      const newest = changes.toReversed();
      const from = Number(searchParams.get("cursor") ?? 0);
      const page = newest.slice(from, from + limit);
      json(response, { changes: page, next: from + limit < newest.length ? String(from + limit) : null });
    } else if (pathname === "/v1/groups/db") json(response, groupNow());
    else problem(response, 404, "there is no group");
    return true;
  };
});
afterEach(async () => {
  run?.endGroup();
  await run?.ended;
  await api.vanish();
});

const change = (number: number): GroupChange => ({
  number,
  at: AT,
  kind: number % 2 === 1 ? "changed" : "withheld",
  epoch: number,
  from: ["fra/db-1"],
  to: ["fra/db-2"],
  because: `change ${number}`,
  heldBy: [],
  verdicts: [],
  by: "parallax",
});
const watch = (...args: string[]): Running => {
  run = new Running(["watch", "--every-ms", "200", "--group", ...args], api.environment);
  return run;
};

describe("parallax watch --group", () => {
  it("prints how it stands, then each change once and in order, through an outage", async () => {
    const watching = watch("db");
    await watching.printed("switches left: 4");
    changes.push(...[2, 3, 4, 5].map(change));
    await watching.printed("change 5");
    await api.vanish();
    await watching.printed("detector not reached");
    changes.push(change(6));
    await api.appear();
    await watching.printed("change 6");
    const told = watching.stdout.split("\n").flatMap((line) => /: (change \d)$/.exec(line)?.[1] ?? []);
    expect(told).toEqual([2, 3, 4, 5, 6].map((number) => `change ${number}`));
    expect(await watching.end("SIGINT")).toBe(0);
  });

  it("prints each as JSON, and nothing else", async () => {
    const watching = watch("db", "--json");
    await watching.printed("\n");
    changes.push(change(2));
    await watching.printed("change 2");
    const [first, second] = watching.stdout.trim().split("\n");
    expect(JSON.parse(first ?? "")).toEqual(groupNow());
    expect(JSON.parse(second ?? "")).toEqual(change(2));
  });

  it("prints it once, and says where there is no such group or no token", async () => {
    const once = watch("db", "--once");
    expect(await once.ended).toBe(0);
    expect(once.stdout).toContain("db epoch=3 fra/db-1 leads at 10.0.0.1");
    const none = watch("web");
    expect(await none.ended).toBe(4);
    expect(none.stderr).toContain("there is no group");
    api.mood = "401";
    expect(await watch("db").ended).toBe(3);
  });

  it.each([
    [["--json"], "--json needs --group"],
    [["--group", "a/b"], "--group must be"],
    [["--group", "db", "fra"], "--group and SITE exclude each other"],
    [["--group", "db", "--since", "1h"], "--since cannot be used with --group"],
  ])("%j: %s", (args, said) => {
    expect(parseSettings(args, { PARALLAX_URL: "http://x", PARALLAX_TOKEN: "t" })).toContain(said);
  });
});
