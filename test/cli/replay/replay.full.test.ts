import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { EvidenceAnswer } from "../../../src/domain/replay.ts";
import { pagesOf } from "../../replay/pages.ts";
import { settledWorld } from "../../verdict/world.ts";
import { Running } from "../running.ts";

const folder = mkdtempSync(join(tmpdir(), "parallax-replay-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The evidence of a process that crashes, as a detector answers it. */
const crashed = (): EvidenceAnswer[] => {
  const world = settledWorld();
  world.set("fra/db-1", "refused");
  world.run(60_000);
  return pagesOf(world, { size: 100 });
};

const saved = (name: string, pages: unknown): string => {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(pages));
  return file;
};

const replayed = async (...args: string[]): Promise<Running & { code: string | number | null }> => {
  const run = new Running(["replay", ...args], {});
  return Object.assign(run, { code: await run.ended });
};

describe("parallax replay", () => {
  it("prints each judgement with its rule, and that all is as it was published", async () => {
    const run = await replayed(saved("whole.json", crashed()));
    expect([run.code, run.stderr]).toEqual([0, ""]);
    expect(run.stdout).toMatch(/^2027-01-15T\S+Z {2,}\d+ {2}process_crashed +avoid +crashed: /m);
    expect(run.stdout).toMatch(/alive .* good: .* {2}×\d+$/m);
    expect(run.stdout).toMatch(/^all \d+ transitions of the shard are as they were published$/m);
  });

  it("takes the pages as they came, one a file", async () => {
    const files = crashed().map((page, index) => saved(`page-${index}.json`, page));
    expect(files.length).toBeGreaterThan(1);
    expect((await replayed(...files)).code).toBe(0);
    const run = await replayed(...files.toReversed());
    expect([run.code, run.stderr]).toEqual([4, expect.stringContaining("the pages are not in their order")]);
  });

  it("says where what was published is another thing, and exits 1", async () => {
    const pages = crashed();
    const [last] = pages.flatMap(({ replay }) => replay?.published ?? []).toReversed();
    if (last !== undefined) last.to = "node_dead";
    const run = await replayed(saved("other.json", pages));
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(
      /^fra\/db-1 \d+: published \S+ node_dead .*; judged again \S+ process_crashed /m,
    );
  });

  it("shows what would have been", async () => {
    const file = saved("what-if.json", crashed());
    const run = await replayed(file, "--policy", "outsideProof=true", "--what-if", "without vantage oc");
    expect([run.code, run.stderr]).toEqual([0, ""]);
    expect(run.stdout).toContain("avoid failover");
    expect(run.stdout).not.toContain("7 of 7");
    expect(run.stdout).toMatch(/^\d+ transitions differ from the \d+ that were published:$/m);
  });

  it.each([
    ["nothing", "", "Unexpected end of JSON input"],
    ["another thing", "{}", "is no answer of GET …/evidence"],
  ])("says what is wrong with a file of %s", async (_name, text, why) => {
    const file = join(folder, "wrong.json");
    writeFileSync(file, text);
    const run = await replayed(file);
    expect([run.code, run.stderr]).toEqual([4, expect.stringContaining(why)]);
  });

  const replayOf = (pages: EvidenceAnswer[]) => {
    const [first] = pages;
    if (!first?.replay) throw new Error("the first page has the record");
    return first.replay;
  };

  it.each<[string, (record: ReturnType<typeof replayOf>) => void]>([
    ["no memory", (record) => (record.snapshot = "")],
    ["a memory that is another thing", (record) => (record.snapshot = "null")],
    ["an event of a kind that there is not", (record) => record.entries[0]?.events.push({ kind: "later" })],
    ["an event that is not whole", (record) => record.entries[0]?.events.push({ kind: "report" })],
  ])("cannot read a record with %s, which is no difference", async (_name, damage) => {
    const pages = crashed();
    damage(replayOf(pages));
    const run = await replayed(saved("damaged.json", pages));
    expect(run.code).toBe(4);
    expect(run.stderr).toMatch(/^parallax replay: the record cannot be judged by this release: .*\n$/);
  });

  it("prints no control character, wherever in the evidence one stands", async () => {
    const harm = "\u001b[2J\u009b31m\u202e\u2028\r\nforged";
    const pages = crashed();
    for (const { replay } of pages) for (const one of replay?.published ?? []) one.rule = harm;
    const advice = { routing: harm, failover: true };
    const override = { reason: harm, by: harm, until: 4e12, advice };
    pages
      .at(-1)
      ?.replay?.entries.at(-1)
      ?.events.push({ kind: "override", site: "fra", target: "db-1", override });
    const run = await replayed(saved("harm.json", pages));
    expect(run.code).toBe(1);
    expect(run.stdout).toContain("forged");
    expect(run.stdout.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(run.stdout).not.toMatch(/^forged/m);
  });

  it("says that a vantage which is to be left out has never been there", async () => {
    const run = await replayed(saved("typo.json", crashed()), "--what-if", "without vantage ocean");
    expect([run.code, run.stderr]).toEqual([
      2,
      expect.stringContaining('no vantage "ocean" is in this evidence'),
    ]);
  });
});
