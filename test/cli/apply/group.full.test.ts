import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { wishesIn } from "../../../src/cli/apply/wishes.ts";
import type { GroupBody, GroupPolicy } from "../../../src/domain/group.ts";
import { groupNow } from "../../client/group-answers.ts";
import { FakeDetector, json, problem } from "../fake-detector.ts";
import { Running } from "../running.ts";

const FILE = `groups:
  db:
    mode: leader
    members: [{site: fra, target: db-1, address: 10.0.0.1}, {site: fra, target: db-2, priority: 2}]
    policy: {lease: strict}
`;

let api: FakeDetector;
let folder: string;
/** Groups as they are kept; each PUT and DELETE that was carried out. */
let kept: Map<string, { body: GroupBody; revision: number }>;
let done: string[];

beforeEach(async () => {
  api = await FakeDetector.start();
  folder = mkdtempSync(join(tmpdir(), "parallax-apply-"));
  [kept, done] = [new Map(), []];
  api.route = ({ method = "", url = "", headers }, response, text) => {
    if (url === "/v1/groups") {
      json(response, {
        groups: [...kept].map(([group, { body }]) => ({ group, mode: body.mode, sites: [] })),
      });
      return true;
    }
    const name = /^\/v1\/groups\/([^/]+)$/.exec(url)?.[1];
    if (name === undefined) return false;
    const old = kept.get(name);
    const ifMatch = headers["if-match"];
    if (ifMatch !== undefined && ifMatch !== `"${old?.revision}"`)
      problem(response, 412, "not as If-Match says");
    else if (method === "PUT") {
      done.push(`PUT ${name} ${ifMatch}`);
      kept.set(name, { body: JSON.parse(text) as GroupBody, revision: (old?.revision ?? 0) + 1 });
      json(response, answerOf(name), { ETag: `"${kept.get(name)?.revision}"` });
    } else if (old === undefined) problem(response, 404, "no such group");
    else if (method === "DELETE") {
      done.push(`DELETE ${name} ${ifMatch}`);
      kept.delete(name);
      response.writeHead(204).end();
    } else json(response, answerOf(name), { ETag: `"${old.revision}"` });
    return true;
  };
});
afterEach(async () => {
  await api.vanish();
  rmSync(folder, { recursive: true, force: true });
});

const answerOf = (group: string) => {
  const { mode, members, policy } = kept.get(group)?.body ?? { mode: "pool", members: [] };
  const said = { verdict: "alive", confirmed: true, sequence: 1, routing: "serve", asOf: null } as const;
  const more = {
    validUntil: null,
    serves: true,
    leads: false,
    position: null,
    fit: true,
    unfitBecause: null,
  };
  const shown = members.map((member) => ({ address: "of-target", ...member, ...said, ...more }));
  return groupNow({
    group,
    mode,
    members: shown as never,
    policy: policy as GroupPolicy,
    warnings: ["a warning"],
  });
};
const apply = async (args: string[], text = FILE) => {
  const file = join(folder, "targets.yaml");
  writeFileSync(file, text);
  const run = new Running(["apply", file, ...args], api.environment);
  const code = await run.ended;
  return { code, said: run.stdout, told: run.stderr };
};

describe("parallax apply with groups", () => {
  it("shows the difference, makes them, and has nothing to do the second time", async () => {
    const dry = await apply(["--dry-run"]);
    expect(dry.code).toBe(5);
    expect(dry.said).toContain('+ group db\n    mode: "leader"\n');
    expect(dry.said).toContain('    members.fra/db-1.address: "10.0.0.1"\n');
    expect(dry.said).toContain("    members.fra/db-2.priority: 2\n");
    expect(done).toEqual([]);
    expect((await apply(["--yes"])).said).toContain("created group db\n  warning: a warning\n");
    expect(await apply(["--yes"])).toMatchObject({
      code: 0,
      said: "Nothing to do: 0 targets and 1 group are as the file says.\n",
    });
    expect(done).toEqual(["PUT db undefined"]);
  });

  it("changes only what differs, on the tag it compared with; the order of members counts", async () => {
    await apply(["--yes"]);
    const { said } = await apply(
      ["--yes"],
      FILE.replace("strict", "advisory").replace("priority: 2", "priority: 3"),
    );
    expect(said).toContain(
      '~ group db\n    members.fra/db-2.priority: 2 → 3\n    policy.lease: "strict" → "advisory"\n',
    );
    const turned = FILE.replace(/\[(\{.*?\}), (\{.*?\})\]/, "[$2, $1]");
    expect((await apply(["--dry-run"], turned)).said).toContain(
      "members: fra/db-1, fra/db-2 → fra/db-2, fra/db-1",
    );
    expect(done).toEqual(["PUT db undefined", 'PUT db "1"']);
  });

  it("deletes what the file does not name with --prune, and none where it has no groups", async () => {
    await apply(["--yes"]);
    expect((await apply(["--yes"], "groups: {}")).code).toBe(0);
    expect((await apply(["--yes", "--prune"], "sites: {}")).code).toBe(0);
    expect(kept.size).toBe(1);
    const { said, code } = await apply(["--yes", "--prune"], "groups: {}");
    expect(said).toContain("- group db\n");
    expect(said).toContain("deleted group db\n");
    expect(code).toBe(0);
    expect(done.at(-1)).toBe('DELETE db "1"');
  });

  it("says that another was quicker, and what the detector refuses", async () => {
    await apply(["--yes"]);
    const { route } = api;
    api.route = (request, response, text) => {
      if (request.method !== "PUT") return route(request, response, text);
      problem(response, 412, "not as If-Match says");
      return true;
    };
    const { code, told } = await apply(["--yes"], FILE.replace("strict", "advisory"));
    expect(code).toBe(1);
    expect(told).toContain("group db was not changed: somebody else changed it meanwhile");
  });

  it.each([
    ["groups: []", 1, "groups", "must be a mapping of groups; {} for none"],
    ["groups:\n  db: {mode: ring, members: []}", 2, "groups.db.mode", "leader"],
    ["groups:\n  D_B: {mode: pool, members: [{site: a, target: b}]}", 2, "groups.D_B", "the group's name"],
    [
      "groups:\n  db:\n    mode: pool\n    members: [{site: a, target: b}]\n    polcy: {}",
      5,
      "groups.db.polcy",
      "is no field of a group",
    ],
    [
      "groups:\n  db:\n    mode: pool\n    members:\n    - {site: a, target: b}\n    - {site: a, target: b}",
      6,
      "groups.db.members.1",
      "must not name a/b again",
    ],
    ["targets: {}", undefined, "sites", "must be a mapping of sites"],
  ])("of %j says at line %s that %s %s", (text, line, field, message) => {
    expect(wishesIn(text, {})).toContainEqual({ line, field, message: expect.stringContaining(message) });
  });
});
