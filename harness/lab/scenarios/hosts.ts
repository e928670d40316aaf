import type { Key } from "../../../scripts/detector-api.ts";
import { banAtGateway } from "../cuts.ts";
import { deadly, type Expected, meeting, type Scenario } from "../scenario.ts";
import { insideOf, REMOTE_IDS, type Site } from "../topology.ts";
import { AMS_2, FRA_1, machineOf } from "../world.ts";

const outside = { up: [503], avoid: [200], failover: 409, kind: "reach", withinMs: 30_000 } as const;

export const HOST_DEAD: Scenario = {
  name: "host-dead",
  truth: "the host is gone: its interface is down, its processes are killed",
  why: "silent to all, the inside vantage agrees, and reaches the sibling",
  lane: "fra",
  stage: (world) => ({
    key: FRA_1,
    fault: deadly(world, [FRA_1], machineOf(world, FRA_1).die()),
    proof: meeting(world, [...REMOTE_IDS, insideOf("fra")], FRA_1, "silent", "unreachable"),
    expected: {
      verdicts: ["node_dead"],
      confirmed: true,
      up: [503],
      avoid: [200],
      failover: 200,
      kind: "reach",
      withinMs: 35_000,
    },
  }),
};

export const HOST_BANNED: Scenario = {
  name: "host-banned",
  truth: "the gateway drops what comes from outside for one host, which lives",
  why: "no outside vantage reaches it, the inside vantage does",
  lane: "fra",
  stage: (world) => ({
    key: FRA_1,
    fault: banAtGateway("fra", machineOf(world, FRA_1).address, "drop"),
    proof: [
      ...meeting(world, REMOTE_IDS, FRA_1, "silent"),
      ...meeting(world, [insideOf("fra")], FRA_1, "answers"),
    ],
    expected: { ...outside, verdicts: ["isolated"] },
  }),
};

export const HOST_BANNED_UNSEEN: Scenario = {
  name: "host-banned-unseen",
  truth: "the gateway drops what comes from outside for one host, which lives; no inside vantage looks at it",
  why: "from outside this is what a dead host looks like: said, and not confirmed",
  lane: "ams",
  stage: (world) => ({
    key: AMS_2,
    fault: banAtGateway("ams", machineOf(world, AMS_2).address, "drop"),
    proof: meeting(world, REMOTE_IDS, AMS_2, "silent"),
    expected: { ...outside, verdicts: ["node_dead"], confirmed: false },
  }),
};

/** A gateway that answers in a host's name. It would be wrong to confirm a death or a crash. */
const refused = (
  name: string,
  end: "reject with tcp reset" | "reject with icmpx host-unreachable",
  key: Key,
  expected: Expected,
  why: string,
): Scenario => {
  const site = key.site as Site;
  const isSeen = key === FRA_1;
  const how = end === "reject with tcp reset" ? "refuses (TCP reset)" : "answers host-unreachable";
  return {
    name,
    truth: `the gateway ${how} for one host, which lives${isSeen ? "" : "; no inside vantage looks at it"}`,
    why,
    lane: site,
    stage: (world) => ({
      key,
      fault: banAtGateway(site, machineOf(world, key).address, end),
      proof: [
        // ICMP errors are rate-limited: a connection that gets none is silent.
        ...meeting(
          world,
          REMOTE_IDS,
          key,
          ...(end === "reject with tcp reset"
            ? (["refused"] as const)
            : (["unreachable", "silent"] as const)),
        ),
        ...meeting(world, [insideOf(site)], key, "answers"),
      ],
      expected,
    }),
  };
};

const SEEN_INSIDE = "the inside vantage has its answers: cut off from outside, by whatever means";

export const GATEWAY_REFUSES = refused(
  "gateway-refuses",
  "reject with tcp reset",
  FRA_1,
  {
    ...outside,
    up: [200, 503],
    avoid: [200, 409],
    verdicts: ["isolated", "partitioned", "unreachable"],
  },
  SEEN_INSIDE,
);

export const GATEWAY_UNREACHABLE = refused(
  "gateway-unreachable",
  "reject with icmpx host-unreachable",
  FRA_1,
  { ...outside, verdicts: ["isolated"] },
  SEEN_INSIDE,
);

export const GATEWAY_REFUSES_UNSEEN = refused(
  "gateway-refuses-unseen",
  "reject with tcp reset",
  AMS_2,
  {
    ...outside,
    up: [200, 503],
    avoid: [200, 409],
    verdicts: ["process_crashed", "unreachable", "gray", "unknown"],
  },
  "its witness refuses with it: something refuses for the host. Its crash may never be confirmed",
);

export const GATEWAY_UNREACHABLE_UNSEEN = refused(
  "gateway-unreachable-unseen",
  "reject with icmpx host-unreachable",
  AMS_2,
  { ...outside, verdicts: ["node_dead", "unreachable"] },
  "an unreachable message proves no more than silence",
);
