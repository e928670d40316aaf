import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Findings, reasonsAgainst } from "./ability.ts";
import { parseOptions } from "./options.ts";
import type { Row } from "./play.ts";
import { drawRounds, lanesOf } from "./plan.ts";
import { SCENARIOS } from "./scenarios.ts";
import { asJson, asPage, asText, byHand, isRight } from "./table.ts";
import { addressOf, HOSTS, interfaceTo, LINKS, REMOTE_IDS, REMOTES, SECOND_LINKS } from "./topology.ts";
import { Truth, WITHDRAWN_WITHIN_MS } from "./truth.ts";

const able: Findings = { platform: "linux", missing: [], failed: null, isRoot: true };

describe("what is missing", () => {
  it.each<[string, Partial<Findings>, RegExp]>([
    ["nothing", {}, /^$/],
    ["Linux", { platform: "darwin" }, /needs Linux.*this is darwin/],
    [
      "tools",
      { missing: ["nft", "ip"] },
      /missing: nft, ip\ninstall with: apt-get install nftables iproute2/,
    ],
    ["one package for two tools, once", { missing: ["unshare", "setpriv"] }, /apt-get install util-linux \(/],
    [
      "a capability of root's",
      { failed: { what: "network namespaces", detail: "Operation not permitted" } },
      /does not let it have network namespaces: Operation not permitted\n.*--privileged/,
    ],
    [
      "user namespaces",
      { isRoot: false, failed: { what: "namespaces", detail: "unshare failed" } },
      /run it as root, or allow user namespaces/,
    ],
  ])("is named: %s", (_, findings, said) => {
    expect(reasonsAgainst({ ...able, ...findings }).join("\n")).toMatch(said);
  });
});

describe("the command line", () => {
  const parse = (...words: string[]) => parseOptions(words, 7, ["kill-9", "half"]);
  it("plays everything unless told otherwise", () => {
    expect(parse()).toEqual({ mode: "run", scenarios: [], json: false, report: false, rounds: 50, seed: 7 });
  });
  it("takes several scenarios, rounds and a seed", () => {
    expect(parse("--scenario", "half", "--scenario", "kill-9")).toMatchObject({
      scenarios: ["half", "kill-9"],
    });
    expect(parse("--full", "--rounds", "3", "--seed", "11")).toMatchObject({
      mode: "full",
      rounds: 3,
      seed: 11,
    });
  });
  it.each<[string[], RegExp]>([
    [["--scenario", "none"], /no such scenario: none/],
    [["--rounds", "0"], /--rounds/],
    [["--seed", "x"], /--seed/],
    [["--report", "--scenario", "half"], /--report/],
    [["--fast"], /--fast/],
  ])("turns %s away", (words, said) => {
    expect(parse(...words)).toMatch(said);
  });
});

describe("the plan", () => {
  it("of --full follows from its seed, and its first rounds are the same however many there are", () => {
    const told = (seed: number, count: number) =>
      drawRounds(SCENARIOS, seed, count).map(({ scenario, leadMs, choice, ...round }) => ({
        ...round,
        leadMs,
        name: scenario.name,
        hit: choice.sample(REMOTE_IDS, 2),
      }));
    fc.assert(
      fc.property(fc.nat(100_000), (seed) => {
        expect(told(seed, 12).slice(0, 5)).toEqual(told(seed, 5));
      }),
      { numRuns: 50 },
    );
    expect(told(1, 20)).not.toEqual(told(2, 20));
  });

  it("of --full comes by every scenario in time", () => {
    const drawn = new Set(drawRounds(SCENARIOS, 1, 500).map(({ scenario }) => scenario.name));
    expect([...drawn].toSorted()).toEqual(SCENARIOS.map(({ name }) => name).toSorted());
  });

  it("plays each scenario once, side by side only where they keep to a site", () => {
    const { beside, alone } = lanesOf(SCENARIOS);
    expect([...beside.flat(), ...alone]).toHaveLength(SCENARIOS.length);
    for (const lane of beside) expect(new Set(lane.map(({ lane: name }) => name)).size).toBe(1);
  });

  it("gives every scenario a name of its own", () => {
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
  });
});

describe("the map", () => {
  it("has at least five remote vantages in three regions, two of another provider", () => {
    expect(REMOTES.length).toBeGreaterThanOrEqual(5);
    expect(new Set(REMOTES.map(({ region }) => region)).size).toBeGreaterThanOrEqual(3);
    const providers = Map.groupBy(REMOTES, ({ provider }) => provider);
    expect(Math.min(...[...providers.values()].map((those) => those.length))).toBeGreaterThanOrEqual(2);
    expect(providers.size).toBe(2);
  });

  it("stays within 10/8, gives no address twice, and fits its names into the kernel's fifteen characters", () => {
    const addresses = [...LINKS, ...SECOND_LINKS].flatMap((link) => link.addresses);
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const address of addresses) expect(address).toMatch(/^10\.\d+\.\d+\.\d+$/);
    for (const host of HOSTS) expect(interfaceTo(host).length).toBeLessThanOrEqual(15);
    for (const id of REMOTE_IDS) expect(addressOf(id)).toMatch(/^10\./);
  });
});

describe("what is a violation", () => {
  const at = (asked: number) => ({ asked, answered: asked + 10 });
  it("is a 200 while the process lives, and not one while it is gone or has only just come back", () => {
    const truth = new Truth();
    expect(truth.excuses(at(0))).toBe(false);
    truth.died(1_000);
    expect(truth.excuses(at(980))).toBe(false);
    expect(truth.excuses(at(995))).toBe(true);
    expect(truth.excuses(at(60_000))).toBe(true);
    truth.revived(70_000);
    expect(truth.excuses(at(70_000 + WITHDRAWN_WITHIN_MS))).toBe(true);
    expect(truth.excuses(at(70_001 + WITHDRAWN_WITHIN_MS))).toBe(false);
  });
});

describe("the table", () => {
  const [first, second] = SCENARIOS;
  const rowOf = (scenario: typeof first, given: Partial<Row>): Row => {
    if (scenario === undefined) throw new Error("there are no scenarios");
    const blank = {
      seed: 0,
      name: "fra/db-1",
      verdict: undefined,
      note: "",
      seconds: 3.14,
      up: 503,
      avoid: 200,
    };
    return { ...blank, failover: 409, violations: 0, recoveredSeconds: 1, wrong: [], scenario, ...given };
  };
  const rows = [rowOf(first, {}), rowOf(second, { violations: 2, seed: 9, wrong: ["late"] })];

  it("calls a row wrong for a violation as for a complaint", () => {
    expect(rows.map(isRight)).toEqual([true, false]);
    expect(isRight({ violations: 0, wrong: ["late"] })).toBe(false);
  });

  it("has a line for each row, in columns", () => {
    const [head, ...lines] = asText(rows).split("\n");
    expect(lines.map((line) => line.slice(head?.indexOf("violations")))).toEqual([
      "0           right",
      "2           WRONG",
    ]);
  });

  it("is JSON with the fields that programs count on", () => {
    expect(JSON.parse(asJson(rows))[1]).toMatchObject({
      scenario: second?.name,
      seed: 9,
      truth: second?.truth,
      verdict: null,
      confirmed: false,
      seconds: 3.1,
      up: 503,
      failover: 409,
      violations: 2,
    });
  });

  it("is a page that says of each fault what it is", () => {
    const page = asPage(
      rows,
      { polls: 1_234, violations: 2, published: 9, differences: ["of one"] },
      { machine: "a machine", kept: "## A register with a fence\n\nby hand\n" },
    );
    expect(page).toMatch(new RegExp(`^\\| ${first?.name} +\\| fra/db-1 \\|`, "m"));
    expect(page).toContain(`- **${second?.name}**: ${second?.truth}.`);
    expect(page).toContain(`- **${second?.name}**: late`);
    expect(page).toContain("1 of 2 right, 2 violations in 1234 answers");
    expect(byHand(page)).toBe("## A register with a fence\n\nby hand\n");
  });
});
