/** Kinds 1 to 3: channels that do not work, faults that show in two ways, and cheap evidence from inside. */
import type { Backend, PathFault } from "../fault.ts";
import type { Case, Script, Stage } from "../scenario.ts";
import { anyKey, befall, crash, hung, joined, one } from "../scenarios/target.ts";
import { fleet, INSIDE_SITE, WITH_INSIDE } from "./fleet.ts";
import type { Kind } from "./kind.ts";
import { ALWAYS, ALWAYS_BY_CHANCE, avoidsWithin, namesWithin } from "./rules.ts";

/** Two intervals, a timeout and a report: nobody who is served by nobody is left in service for longer. */
const TWO_LOOKS_MS = 28_000;
/** A fault that all see alike needs less. */
const AT_ONCE_MS = 12_000;

/** A firewall has closed the second port: always, or half a minute before anything else happens. */
const withDeadWitness =
  (script: (stage: Stage) => Script) =>
  (stage: Stage): Script => {
    const { faults, cases } = script(stage);
    const closedAt = stage.draw.isHit(0.5) ? 0 : stage.from - 30_000;
    const closed = cases.map(({ key, to }) => ({
      on: "witness" as const,
      key,
      state: "dropped" as const,
      from: closedAt,
      to,
    }));
    return { faults: [...faults, ...closed], cases };
  };

/** One host of the site with an inside vantage is cut off from outside, and runs. */
const hostCut =
  (
    expected: Case["expected"],
    inside: (stage: Stage, key: string) => Omit<PathFault, "on" | "place" | "site">,
  ) =>
  (stage: Stage): Script => {
    const key = stage.draw.pick(stage.keysOf(INSIDE_SITE));
    const { faults, cases } = befall(key, { state: "cut" }, expected, stage.from, stage.to);
    const lan: PathFault = {
      on: "path",
      place: `in-${INSIDE_SITE}`,
      site: INSIDE_SITE,
      ...inside(stage, key),
    };
    return { faults: [...faults, lan], cases };
  };

const mixture = (parts: readonly Backend[], expected: Case["expected"]) => (stage: Stage) =>
  befall(anyKey(stage), { state: "mixed", parts }, expected, stage.from, stage.to);

const rules = [...ALWAYS, avoidsWithin(TWO_LOOKS_MS), namesWithin(TWO_LOOKS_MS)];
const rulesByChance = [...ALWAYS_BY_CHANCE, avoidsWithin(TWO_LOOKS_MS), namesWithin(TWO_LOOKS_MS)];

export const CHANNEL_KINDS: readonly Kind[] = [
  {
    number: 1,
    scenario: {
      name: "dead-witness-crash",
      about: "one process crashes whose witness was closed by a firewall before",
      layout: fleet({ hasWitness: true }),
      script: withDeadWitness(crash),
    },
    rules: [...ALWAYS, avoidsWithin(AT_ONCE_MS), namesWithin(TWO_LOOKS_MS)],
  },
  {
    number: 1,
    scenario: {
      name: "dead-witness-hang",
      about: "the same, and the process hangs; deaths seen from outside are taken for proof",
      layout: fleet({ hasWitness: true, policy: { outsideProof: true } }),
      script: withDeadWitness(one((stage) => hung(stage, 3_600_000), ["process_hung"])),
    },
    rules,
  },
  {
    number: 1,
    scenario: {
      name: "dead-inside-host-cut",
      about: "one host is cut off from outside, and the vantage inside has never reached it",
      layout: fleet({}, WITH_INSIDE),
      // From outside it is a dead host: only to confirm it would be wrong.
      script: hostCut(["unreachable", "node_dead", "isolated"], (stage, key) => ({
        key,
        loss: 1,
        way: "both",
        from: 0,
        to: stage.to + 60_000,
      })),
    },
    rules,
  },
  {
    number: 2,
    scenario: {
      name: "refused-and-silent",
      about: "of two nodes behind one address one refuses and one is silent",
      layout: fleet(),
      script: mixture(["refuses", "silent"], ["unreachable", "gray", "process_crashed"]),
    },
    rules: rulesByChance,
  },
  {
    number: 2,
    scenario: {
      name: "wrong-and-refused",
      about: "of two nodes behind one address one answers with an error and one refuses",
      layout: fleet(),
      script: mixture(["wrong", "refuses"], ["gray", "unreachable"]),
    },
    rules: rulesByChance,
  },
  {
    number: 3,
    scenario: {
      name: "lan-loss-host-cut",
      about: "one host is cut off from outside, and the vantage inside loses half of what it sends",
      layout: fleet({}, WITH_INSIDE),
      script: hostCut(["isolated", "unreachable"], ({ to }) => ({
        loss: 0.5,
        way: "there",
        from: 0,
        to: to + 60_000,
      })),
    },
    rules: rulesByChance,
  },
  {
    number: 3,
    scenario: {
      name: "lan-burst-host-cut",
      about: "the same, and the vantage inside loses everything for the first 4 to 8 s alone",
      layout: fleet({}, WITH_INSIDE),
      script: hostCut(["isolated", "unreachable"], ({ draw, from }) => ({
        loss: 1,
        way: "both",
        from,
        to: from + draw.between(4_000, 8_000),
      })),
    },
    rules,
  },
];

/** A listener at its limit of connections, alone or beside a process that has crashed. */
const full = (stage: Stage, key: string): Script =>
  befall(key, { state: "full", share: 1 }, ["gray", "unreachable"], stage.from, stage.to);

/** Kind 10: opened is not refused. Three vantages distinguish a reset from a refusal; the others see a refusal. */
export const OPENED_KINDS: readonly Kind[] = [
  {
    number: 10,
    scenario: {
      name: "accept-and-reset",
      about: "one listener accepts and resets, which six of nine vantages take for a refusal",
      layout: fleet({}, { elsewhere: 3 }),
      script: (stage) => full(stage, anyKey(stage)),
    },
    rules,
  },
  {
    number: 10,
    scenario: {
      name: "accept-and-reset-beside-crash",
      about: "the same, with witnesses, and another process of the site crashes",
      layout: fleet({ hasWitness: true }, { elsewhere: 3 }),
      script: (stage) => {
        const site = stage.draw.pick(stage.sites);
        const [first = "", second = ""] = stage.draw.sample(stage.keysOf(site), 2);
        const crashed = befall(second, { state: "crashed" }, ["process_crashed"], stage.from, stage.to);
        return joined([full(stage, first), crashed]);
      },
    },
    rules,
  },
];
