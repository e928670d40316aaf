/** The faults that are caused one after another, and what the pages say that vantages find and the judge concludes for each. */
import type { Outcome } from "../../src/domain/outcome.ts";
import type { Verdict } from "../../src/domain/verdict.ts";
import type { Mode, PortName } from "./order.ts";

export interface Fault {
  name: string;
  scheme: "http" | "https" | "tcp";
  port: PortName;
  /** Undefined for a condition that always holds. */
  mode?: Mode;
  /** A separate address, if the node itself does not have the fault. */
  url?: string;
  /** Number of attempts at once, by the first way. */
  times?: number;
  /** What a vantage on Workers finds, by docs/probes.md and docs/answers.md. Absent: the fault has no target. */
  outcomes?: readonly Outcome[];
  /** The verdicts that follow, by docs/verdicts.md. */
  verdicts?: readonly Verdict[];
}

/** An address that is reserved for documentation (RFC 5737): no host answers there. */
const NOWHERE = "tcp://192.0.2.1:80";
/** One more than an invocation has connections, and another. */
export const AT_ONCE = 8;

export const FAULTS: readonly Fault[] = [
  { name: "ok", scheme: "http", port: "web", mode: "ok", outcomes: ["ok"], verdicts: ["alive"] },
  {
    name: "crashed",
    scheme: "http",
    port: "crash",
    mode: "crashed",
    outcomes: ["refused"],
    verdicts: ["process_crashed"],
  },
  {
    name: "frozen",
    scheme: "http",
    port: "freeze",
    mode: "frozen",
    outcomes: ["response_timeout"],
    verdicts: ["process_hung"],
  },
  {
    name: "silent",
    scheme: "http",
    port: "web",
    mode: "silent",
    outcomes: ["response_timeout"],
    verdicts: ["process_hung"],
  },
  { name: "error", scheme: "http", port: "web", mode: "error", outcomes: ["app_error"], verdicts: ["gray"] },
  { name: "reset", scheme: "http", port: "web", mode: "reset", outcomes: ["reset"], verdicts: ["gray"] },
  { name: "close", scheme: "http", port: "web", mode: "close", outcomes: ["reset"], verdicts: ["gray"] },
  {
    name: "truncated",
    scheme: "http",
    port: "web",
    mode: "truncated",
    outcomes: ["reset"],
    verdicts: ["gray"],
  },
  { name: "slow", scheme: "http", port: "web", mode: "slow", outcomes: ["ok"], verdicts: ["alive"] },
  { name: "certificate", scheme: "https", port: "tls", outcomes: ["tls_failure"], verdicts: ["gray"] },
  { name: "no-tls", scheme: "https", port: "web", outcomes: ["tls_failure"], verdicts: ["gray"] },
  { name: "nowhere", scheme: "tcp", port: "web", url: NOWHERE },
  { name: "at-once", scheme: "http", port: "web", mode: "slow", times: AT_ONCE },
];
