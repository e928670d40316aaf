/** Trouble of the observers themselves: nothing is wrong with any node unless the scenario says so. */
import type { PathFault, PlaceFault } from "../fault.ts";
import type { Scenario, Script, Stage } from "../scenario.ts";
import { befall } from "./target.ts";

type Part<F> = F extends PlaceFault ? Omit<F, "on" | "place" | "from" | "to"> : never;

const placeFault = (stage: Stage, place: string, part: Part<PlaceFault>): PlaceFault =>
  ({ on: "place", place, from: stage.from, to: stage.to, ...part }) as PlaceFault;

const oneVantage =
  (part: Part<PlaceFault>) =>
  (stage: Stage): Script => ({
    faults: [placeFault(stage, stage.draw.pick(stage.places).id, part)],
    cases: [],
  });

const regionals = ({ places }: Stage): Stage["places"] =>
  places.filter(({ provider }) => provider === "cloudflare");

export const OBSERVER_SCENARIOS: readonly Scenario[] = [
  {
    name: "vantage-broken",
    about: "everything one vantage sends is lost, its reports arrive",
    script: oneVantage({ state: "broken" }),
  },
  { name: "vantage-down", about: "one vantage stops", script: oneVantage({ state: "down" }) },
  {
    name: "vantage-slow",
    about: "one vantage's packets take twenty times as long",
    script: oneVantage({ state: "slow", factor: 20 }),
  },
  {
    name: "vantage-lossy",
    about: "one vantage loses 40 % of packets each way",
    script: oneVantage({ state: "lossy", share: 0.4 }),
  },
  {
    name: "provider-wide",
    others: ["unknown", "alive"],
    about: "every regional vantage is cut from everything at once",
    script: (stage) => ({
      faults: stage.places.map(({ id }) => placeFault(stage, id, { state: "broken" })),
      cases: [],
    }),
  },
  {
    name: "provider-cut",
    others: ["alive"],
    about: "the same, while three vantages in another provider's network reach everything",
    layout: { elsewhere: 3 },
    script: (stage) => ({
      faults: regionals(stage).map(({ id }) => placeFault(stage, id, { state: "broken" })),
      cases: [],
    }),
  },
  {
    name: "provider-path",
    about: "every regional vantage is cut from one site, which three in another provider's network reach",
    layout: { elsewhere: 3 },
    script: (stage) => {
      const site = stage.draw.pick(stage.sites);
      const { from, to } = stage;
      return {
        faults: regionals(stage).map(({ id }): PathFault => ({
          on: "path",
          place: id,
          site,
          loss: 1,
          way: "both",
          from,
          to,
        })),
        cases: stage.keysOf(site).map((key) => ({ key, from, to, expected: ["partitioned"] as const })),
      };
    },
  },
  {
    name: "aggregator-cut",
    about: "the aggregator loses touch with four of nine vantages, and 5 s later a host dies",
    script: (stage) => {
      const mute = stage.draw.sample(stage.places, Math.floor(stage.places.length / 2));
      const key = stage.draw.pick(stage.keysOf(stage.draw.pick(stage.sites)));
      const death = befall(key, { state: "dead" }, ["node_dead"], stage.from + 5_000, stage.to);
      return {
        faults: [...mute.map(({ id }) => placeFault(stage, id, { state: "mute" })), ...death.faults],
        cases: death.cases,
      };
    },
  },
];
