/** Trouble between vantages and nodes. */
import type { Verdict } from "../../../src/domain/verdict.ts";
import type { Fault, PathFault } from "../fault.ts";
import { DEFAULT_NETWORK } from "../layout.ts";
import type { Case, Scenario, Script, Stage } from "../scenario.ts";
import { befall } from "./target.ts";

/** Every target of a site as one case each. */
export const casesOf = (
  stage: Stage,
  site: string,
  expected: readonly Verdict[],
  from = stage.from,
  to = stage.to,
): Case[] => stage.keysOf(site).map((key) => ({ key, from, to, expected }));

const siteFault =
  (fault: { state: "dead" } | { state: "cut"; wordsPass: boolean }, expected: readonly Verdict[]) =>
  (stage: Stage): Script => {
    const site = stage.draw.pick(stage.sites);
    return {
      faults: [{ on: "site", site, from: stage.from, to: stage.to, ...fault }],
      cases: casesOf(stage, site, expected),
    };
  };

const cutPaths = (stage: Stage, site: string, count: number, way: PathFault["way"] = "both"): PathFault[] =>
  stage.draw.sample(stage.places, count).map(({ id }) => ({
    on: "path",
    place: id,
    site,
    loss: 1,
    way,
    from: stage.from,
    to: stage.to,
  }));

/** So many of the paths to one site are cut, while nothing is wrong with its nodes. */
const somePaths =
  (countOf: (stage: Stage) => number, way: PathFault["way"] = "both") =>
  (stage: Stage): Script => {
    const site = stage.draw.pick(stage.sites);
    return {
      faults: cutPaths(stage, site, countOf(stage), way),
      cases: casesOf(stage, site, ["partitioned"]),
    };
  };

const bursts = (seconds: number): Scenario => ({
  name: `bursts-${seconds}`,
  about: `every direction of every path is in a burst of heavy loss 5 % of the time, ${seconds} s on average`,
  network: {
    loss: {
      ...DEFAULT_NETWORK.loss,
      badLoss: 0.95,
      badMs: seconds * 1_000,
      goodMs: seconds * 19_000,
    },
  },
  // A burst of ten seconds is a cut while it lasts.
  others: seconds < 10 ? ["alive"] : ["alive", "partitioned"],
  script: () => ({ faults: [], cases: [] }),
});

export const NETWORK_SCENARIOS: readonly Scenario[] = [
  {
    name: "site-cut",
    about: "one site is cut from outside; its nodes run",
    script: siteFault({ state: "cut", wordsPass: false }, ["unreachable"]),
  },
  {
    name: "site-cut-heartbeats",
    about: "the same, and the nodes' heartbeats arrive by another way",
    layout: { heartbeatMs: 5_000 },
    script: siteFault({ state: "cut", wordsPass: true }, ["isolated"]),
  },
  {
    name: "site-death",
    about: "one site loses its power",
    script: siteFault({ state: "dead" }, ["unreachable"]),
  },
  {
    name: "site-death-heartbeats",
    about: "the same, and the nodes' heartbeats stop with it",
    layout: { heartbeatMs: 5_000 },
    script: siteFault({ state: "dead" }, ["unreachable"]),
  },
  { name: "paths-1", about: "one path to a site is cut", script: somePaths(() => 1) },
  {
    name: "paths-half",
    about: "five of nine paths to a site are cut",
    script: somePaths(({ places }) => Math.ceil(places.length / 2)),
  },
  {
    name: "paths-all-but-one",
    about: "one path to a site is left",
    script: somePaths(({ places }) => places.length - 1),
  },
  {
    name: "one-way",
    about: "on three paths to a site packets pass one way only",
    script: (stage) => somePaths(() => 3, stage.draw.pick(["there", "back"] as const))(stage),
  },
  {
    name: "flip-flop",
    about: "half the paths to a site are cut for 20 s and open for 20 s, over and over",
    lastsMs: 100_000,
    script: (stage) => {
      const site = stage.draw.pick(stage.sites);
      const paths = cutPaths(stage, site, Math.ceil(stage.places.length / 2));
      const starts = [0, 40_000, 80_000].map((ms) => stage.from + ms);
      return {
        faults: starts.flatMap((from) => paths.map((path): Fault => ({ ...path, from, to: from + 20_000 }))),
        cases: [],
      };
    },
  },
  {
    name: "loss-80",
    about: "four of five round trips to one site are lost",
    script: (stage) => {
      const site = stage.draw.pick(stage.sites);
      const loss = 1 - Math.sqrt(0.2);
      const faults = cutPaths(stage, site, stage.places.length).map((path) => ({ ...path, loss }));
      return { faults, cases: casesOf(stage, site, ["gray", "partitioned"]) };
    },
  },
  bursts(1),
  bursts(3),
  bursts(10),
  bursts(30),
  {
    name: "latency-10x",
    about: "packets to and from one site take ten times as long",
    script: (stage) => {
      const site = stage.draw.pick(stage.sites);
      return {
        faults: [{ on: "site", site, state: "slow", factor: 10, from: stage.from, to: stage.to }],
        cases: [],
      };
    },
  },
  {
    name: "second-fault-in-episode",
    about:
      "four of nine paths to a site are cut, and 5 to 20 s later a host of it dies; timed from the second",
    script: (stage) => {
      const site = stage.draw.pick(stage.sites);
      const paths = cutPaths(stage, site, Math.floor(stage.places.length / 2));
      const second = stage.from + stage.draw.between(5_000, 20_000);
      const death = befall(
        stage.draw.pick(stage.keysOf(site)),
        { state: "dead" },
        ["node_dead"],
        second,
        stage.to,
      );
      return { faults: [...paths, ...death.faults], cases: death.cases };
    },
  },
  {
    name: "cut-in-burst",
    about:
      "all paths to a site lose half their packets, and 5 to 20 s later it is cut; timed from the second",
    script: (stage) => {
      const site = stage.draw.pick(stage.sites);
      const second = stage.from + stage.draw.between(5_000, 20_000);
      const paths = cutPaths(stage, site, stage.places.length).map((path) => ({
        ...path,
        loss: 0.3,
        to: second,
      }));
      return {
        faults: [...paths, { on: "site", site, state: "cut", wordsPass: false, from: second, to: stage.to }],
        cases: casesOf(stage, site, ["unreachable"], second),
      };
    },
  },
  {
    name: "middlebox-refuses",
    about: "something in front of a site, near or far, refuses for all its nodes",
    script: (stage) => {
      const site = stage.draw.pick(stage.sites);
      const distance = stage.draw.isHit(0.5) ? stage.draw.between(0.05, 0.3) : 0.98;
      return {
        faults: [{ on: "site", site, state: "shielded", distance, from: stage.from, to: stage.to }],
        cases: casesOf(stage, site, ["unreachable", "isolated", "gray"]),
      };
    },
  },
  {
    name: "middlebox-refuses-inside",
    about: "the same, and a vantage stands inside each site",
    layout: { hasInside: true },
    script: (stage) => {
      const site = stage.draw.pick(stage.sites);
      return {
        faults: [{ on: "site", site, state: "shielded", distance: 0.98, from: stage.from, to: stage.to }],
        cases: casesOf(stage, site, ["isolated"]),
      };
    },
  },
  {
    name: "shared-transit",
    about: "four vantages that share a transit network are cut from two sites at once",
    script: (stage) => {
      const cut = stage.draw.sample(stage.places, 4);
      const sites = stage.draw.sample(stage.sites, 2);
      return {
        faults: sites.flatMap((site) =>
          cut.map(({ id }): PathFault => ({
            on: "path",
            place: id,
            site,
            loss: 1,
            way: "both",
            from: stage.from,
            to: stage.to,
          })),
        ),
        cases: sites.flatMap((site) => casesOf(stage, site, ["partitioned"])),
      };
    },
  },
];
