import { filterOn } from "../fault.ts";
import { SERVICE_PORT, WITNESS_PORT } from "../machine.ts";
import { deadly, meeting, type Scenario } from "../scenario.ts";
import { REMOTE_IDS } from "../topology.ts";
import { AMS_1, FRA_1, machineOf } from "../world.ts";

const HUNG = { verdicts: ["process_hung"], up: [503], avoid: [200], failover: 409, kind: "reach" } as const;

export const KILLED: Scenario = {
  name: "kill-9",
  truth: "the process is gone, its host answers",
  why: "its host refuses for it, and its sibling answers",
  lane: "fra",
  stage: (world, choice) => {
    const key = choice.pick([FRA_1, AMS_1]);
    return {
      key,
      fault: deadly(world, [key], machineOf(world, key).crash()),
      proof: meeting(world, REMOTE_IDS, key, "refused"),
      expected: {
        verdicts: ["process_crashed"],
        confirmed: true,
        up: [503],
        avoid: [200],
        failover: 200,
        kind: "reach",
        withinMs: 15_000,
      },
    };
  },
};

export const STOPPED: Scenario = {
  name: "sigstop",
  truth: "the process is frozen, its kernel goes on accepting",
  why: "connections open and nothing answers",
  lane: "ams",
  stage: (world, choice) => {
    const key = choice.pick([AMS_1, FRA_1]);
    return {
      key,
      fault: machineOf(world, key).freeze(),
      proof: meeting(world, REMOTE_IDS, key, "open"),
      expected: { ...HUNG, withinMs: 20_000 },
    };
  },
};

export const PORT_FILTERED: Scenario = {
  name: "port-filtered",
  truth: "the host's own filter drops what comes for the service; the process lives",
  why: "the port is silent while its witness on the same host answers",
  lane: "ams",
  stage: (world, choice) => {
    const key = choice.pick([AMS_1, FRA_1]);
    const { host, address } = machineOf(world, key);
    return {
      key,
      fault: filterOn(host, { input: [`tcp dport ${SERVICE_PORT} drop`] }),
      proof: [
        ...meeting(world, REMOTE_IDS, key, "silent"),
        ...REMOTE_IDS.map((from) => ({ from, to: address, port: WITNESS_PORT, meets: ["answers"] as const })),
      ],
      expected: { ...HUNG, withinMs: 25_000 },
    };
  },
};
