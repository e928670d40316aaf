/** Faults of a pair's primary. */
import { addressOf, DETECTOR, type Host } from "../topology.ts";
import { type Fault, filterOn, together } from "../fault.ts";
import type { PgNode } from "./node.ts";

/** Drops all packets between a host and an address. */
const cutFrom = (host: Host, address: string): Fault =>
  filterOn(host, { input: [`ip saddr ${address} drop`], output: [`ip daddr ${address} drop`] });

/** Only processes on the host itself reach it. */
const cutFromAll = (host: Host): Fault => {
  const own = addressOf(host);
  return filterOn(host, {
    input: [`ip saddr != { ${own}, 127.0.0.1 } drop`],
    output: [`ip daddr != { ${own}, 127.0.0.1 } drop`],
  });
};

/** The decider about the lead: the detector, or etcd. */
export interface Decider {
  kill: () => Promise<void>;
  restart: () => Promise<void>;
}

const gone = ({ kill, restart }: Decider): Fault => {
  let isGone = false;
  return {
    apply: async () => {
      isGone = true;
      await kill();
    },
    undo: async () => {
      if (isGone) await restart();
      isGone = false;
    },
  };
};

export interface PairFault {
  name: string;
  truth: string;
  /** Whether the primary cannot serve on: only then is a switch needed. */
  isFatal: boolean;
  /** Whether one of the two nodes must take writes again. A frozen process may be thawed, so people must decide about it. */
  mustResume: boolean;
  /** Whether a leader that could serve on cannot renew its lease during the fault. */
  endsLease: boolean;
  /** Whether nothing can be decided during the fault. */
  isUndecided: boolean;
  of: (primary: PgNode, standby: PgNode, decider: Decider) => Fault;
}

export const PAIR_FAULTS: readonly PairFault[] = [
  {
    name: "kill-9",
    truth: "the primary's postmaster gets SIGKILL",
    isFatal: true,
    mustResume: true,
    endsLease: false,
    isUndecided: false,
    of: (primary) => primary.killPostmaster(),
  },
  {
    name: "sigstop",
    truth: "all of the primary's PostgreSQL is frozen; the agent beside it runs",
    isFatal: true,
    mustResume: false,
    endsLease: false,
    isUndecided: false,
    of: (primary) => primary.freeze(),
  },
  {
    name: "power-off",
    truth: "the primary's link goes down and all its processes end",
    isFatal: true,
    mustResume: true,
    endsLease: false,
    isUndecided: false,
    of: (primary) => primary.powerOff(),
  },
  {
    name: "cut-off",
    truth: "the primary is cut from everything, and lives",
    isFatal: true,
    mustResume: true,
    endsLease: false,
    isUndecided: false,
    of: ({ host }) => cutFromAll(host),
  },
  {
    name: "cut-standby",
    truth: "the primary is cut from the standby only",
    isFatal: false,
    mustResume: false,
    endsLease: false,
    isUndecided: false,
    of: ({ host }, { address }) => cutFrom(host, address),
  },
  {
    name: "cut-detector",
    truth: "the primary is cut from whoever decides only",
    isFatal: false,
    mustResume: false,
    endsLease: true,
    isUndecided: false,
    of: ({ host }) => cutFrom(host, addressOf(DETECTOR)),
  },
  {
    name: "detector-gone",
    truth: "whoever decides is gone; the pair is well",
    isFatal: false,
    mustResume: false,
    endsLease: true,
    isUndecided: true,
    of: (_primary, _standby, decider) => gone(decider),
  },
  {
    name: "detector-gone-kill-9",
    truth: "whoever decides is gone, then the primary's postmaster gets SIGKILL",
    isFatal: true,
    mustResume: true,
    endsLease: false,
    isUndecided: true,
    of: (primary, _standby, decider) => together(gone(decider), primary.killPostmaster()),
  },
];
