/** The faults of a pair, and what the pair must then do. */
import { setTimeout as wait } from "node:timers/promises";
import { PAIR_FAULTS, type PairFault } from "../../lab/postgresql/faults.ts";
import type { LeaseKind } from "../../lab/postgresql/groups.ts";
import type { CellResult } from "../../lab/postgresql/play.ts";
import { complaintsOf, uncalledFor } from "../../lab/postgresql/table.ts";
import type { Row } from "../consumer.ts";
import { FAULTS, type FaultProxy } from "../faults.ts";

/** Longer than the pair's lease: whatever depends on the lease ends within it. */
const EACH_MS = 12_000;
/** A busy machine may delay a write; a leader that has stopped accepts none for longer than this. */
const STOPPED_S = 5;

type Api = Pick<FaultProxy, "switchTo">;
type Pause = (ms: number) => Promise<unknown>;
type Did = "standby leads" | "primary leads" | "nobody leads" | "writes go on" | "writes stop" | "switched";

export interface Story {
  lease: LeaseKind;
  fault: PairFault;
  /** For the row: the primary's verdict, and the fault of our API. */
  verdict: string;
  api: string;
  expected: Did;
}

const named = (name: string): PairFault => {
  const fault = PAIR_FAULTS.find((one) => one.name === name);
  if (fault === undefined) throw new Error(`no fault ${name}`);
  return fault;
};

/** All faults of our API, one after the other; the last of them stays. */
const outages = (api: Api, pause: Pause): PairFault => ({
  ...named("detector-gone"),
  name: "our outage",
  of: () => ({
    apply: async () => {
      for (const [index, fault] of FAULTS.entries()) {
        if (index > 0) await pause(EACH_MS);
        await api.switchTo(fault);
      }
    },
    undo: () => api.switchTo("fine"),
  }),
});

/** In an order in which each death follows a calm time. */
export const storiesOf = (api: Api, pause: Pause = wait): Story[] => {
  const killed = { fault: named("kill-9"), verdict: "process_crashed", api: "fine" };
  const alive = { verdict: "alive" } as const;
  return [
    { lease: "advisory", ...killed, expected: "standby leads" },
    {
      lease: "advisory",
      ...alive,
      fault: outages(api, pause),
      api: FAULTS.join(", "),
      expected: "writes go on",
    },
    { lease: "strict", ...killed, expected: "standby leads" },
    { lease: "strict", ...alive, fault: named("detector-gone"), api: "gone", expected: "writes stop" },
  ];
};

const didOf = (cell: CellResult): Did => {
  if (cell.mustResume && cell.resumedSeconds === null) return "nobody leads";
  if (cell.mustResume) return cell.switches > 0 ? "standby leads" : "primary leads";
  if (cell.gapSeconds >= STOPPED_S) return "writes stop";
  return cell.switches > 0 ? "switched" : "writes go on";
};

export const rowOf = ({ lease, verdict, api, expected }: Story, cell: CellResult): Row => {
  const [wrong, did] = [complaintsOf(cell), didOf(cell)];
  const { fault, resumedSeconds, gapSeconds, rows, lost, strayLost, bothWritableSeconds } = cell;
  const moved = cell.switches > 0 ? ", the other leads" : "";
  return {
    scenario: `postgresql/${fault}, ${lease}`,
    verdict,
    fault: api,
    expected,
    did,
    ok: did === expected && wrong.length === 0,
    seconds: resumedSeconds ?? 0,
    violations: uncalledFor(cell) + (bothWritableSeconds > 0 ? 1 : 0),
    detail: [
      `longest time without a row taken ${gapSeconds} s${moved}; ${lost} of ${rows} acknowledged rows lost, ${strayLost} of a client that stayed`,
      ...wrong,
      ...(did === expected && wrong.length === 0 ? [] : cell.history),
    ].join("; "),
  };
};
