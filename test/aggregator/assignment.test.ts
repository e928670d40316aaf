/** Which vantage looks at which target: a vantage is handed only the targets that it was made for, whatever targets name. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignmentFor, isMadeFor, vantagesOf } from "../../src/aggregator/assignment.ts";
import { checkVantages, shown } from "../../src/aggregator/target-rules.ts";
import { completeTarget, TargetSchema } from "../../src/domain/target.ts";
import type { Vantage, VantageSites } from "../../src/domain/vantage.ts";

const SITES = ["fra", "ams", "sto"];
const IDS = ["weur", "lab-1", "lab-2", "lab-3", "lab-4"];

const rowOf = (site: string, config: object = {}) => ({
  site,
  target: "web-1",
  config: completeTarget(
    TargetSchema.parse({ url: "http://192.0.2.1/", headers: { "x-probe-key": `${site}-secret` }, ...config }),
  ),
  revision: 1,
  version: 1,
  createdAt: 0,
  updatedAt: 0,
});

const remote = (id: string, part: Partial<Vantage> = {}): Vantage => ({
  id,
  kind: "remote",
  region: id,
  provider: id,
  ...part,
});

describe("a vantage", () => {
  const sites = fc.oneof(
    fc.constant<VantageSites>("all"),
    fc.subarray(SITES, { minLength: 1 }).map((some): VantageSites => some),
  );
  const vantage = fc.record({ site: fc.constantFrom(...SITES), sites }, { requiredKeys: [] });
  const roster = fc
    .array(vantage, { minLength: 4, maxLength: 4 })
    .map((parts): Vantage[] => [
      { id: "weur", kind: "regional", region: "weur", provider: "cloudflare" },
      ...parts.map((part, index) => remote(IDS[index + 1] ?? "", part)),
    ]);
  const target = fc.record(
    { vantages: fc.subarray(IDS, { minLength: 1 }), paused: fc.boolean() },
    { requiredKeys: [] },
  );

  it("is handed nothing of sites it was not made for, no secret of theirs, and asked for no more than it is handed", () => {
    fc.assert(
      fc.property(roster, fc.tuple(target, target, target), (all, configs) => {
        const targets = configs.map((config, index) => rowOf(SITES[index] ?? "", config));
        const source = {
          version: 1,
          shard: 0,
          controls: [],
          drills: [],
          roster: all,
          allowPrivate: false,
          targets,
        };
        for (const one of all) {
          const given = assignmentFor(one.id, source);
          const strange = SITES.filter((site) => !isMadeFor(one, site));
          for (const site of strange) expect(JSON.stringify(given)).not.toContain(site);
          for (const row of targets) {
            const looks = vantagesOf(row, all).includes(one.id);
            expect(given.targets.some(({ site }) => site === row.site)).toBe(
              looks && row.config.paused !== true,
            );
            if (row.config.vantages !== undefined && looks) expect(row.config.vantages).toContain(one.id);
          }
        }
      }),
    );
  });

  it.each<[string, Partial<Vantage>, string[], string[]]>([
    ["outside, of two sites", { sites: ["fra", "ams"] }, ["fra", "ams"], ["fra", "ams"]],
    ["outside, of all", { sites: "all" }, SITES, SITES],
    ["inside", { site: "fra", sites: ["fra"] }, ["fra"], ["fra"]],
    [
      "inside, of another site besides",
      { site: "fra", sites: ["fra", "ams"] },
      ["fra", "ams"],
      ["fra", "ams"],
    ],
    ["outside, of an earlier version", {}, SITES, SITES],
    ["inside, of an earlier version", { site: "fra" }, ["fra"], SITES],
  ])("%s looks at targets that name nobody, and at those that name it", (_name, part, unnamed, named) => {
    const all = [remote("lab-1", part)];
    const lookedAt = (config: object): string[] =>
      SITES.filter((site) => vantagesOf(rowOf(site, config), all).length > 0);
    expect(lookedAt({})).toEqual(unnamed);
    expect(lookedAt({ vantages: ["lab-1"] })).toEqual(named);
  });
});

describe("a target", () => {
  const ROSTER = [remote("weur"), remote("wnam"), remote("oc", { sites: ["ams"] })];
  const ROW = rowOf("fra", { vantages: ["weur", "oc", "wnam"] });

  it("cannot be put naming a vantage made for other sites", () => {
    expect(checkVantages(ROW, ROSTER)).toEqual({
      ok: false,
      refusal: {
        reason: "invalid",
        path: "vantages.1",
        detail: '"oc" is made for other sites than fra: must be one of weur, wnam',
      },
    });
    expect(checkVantages({ ...ROW, site: "ams" }, ROSTER)).toMatchObject({ ok: true });
  });

  it("that names one which was made anew, for other sites, warns of it and of the quorum it lacks", () => {
    expect(vantagesOf(ROW, ROSTER)).toEqual(["weur", "wnam"]);
    expect(shown(ROW, 1, { roster: ROSTER, allowPrivate: false }).answer.warnings).toEqual(
      expect.arrayContaining([
        "made for other sites than fra, and so does not look: oc",
        expect.stringContaining("fewer than 3 vantages"),
      ]),
    );
  });
});
