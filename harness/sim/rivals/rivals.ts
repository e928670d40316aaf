/**
 * Everything that Parallax is measured against in one run. Those whose documentation fixes the interval keep it and
 * spend what it costs; the names of the others carry none: they spend the budget.
 */
import type { Detector } from "../detector.ts";
import { intervalFor, type Budget } from "./budget.ts";
import { cloudflare } from "./cloudflare.ts";
import { openstatus } from "./openstatus.ts";
import { oracle } from "./oracle.ts";
import { akkaPhi, paperPhi, phiAccrual } from "./phi.ts";
import { quorum } from "./quorum.ts";
import { route53 } from "./route53.ts";
import { detectBy, type Rule } from "./rule.ts";
import { gatus, single, uptimeKuma } from "./single.ts";

/** openstatus' rule at the interval that spends the budget, with a timeout that an interval of seconds allows for. */
const openstatusWithin = (budget: Budget, share = 0.5): Rule =>
  openstatus({
    name: `openstatus-rule${share === 0.5 ? "" : ` ${share * 100}%`}`,
    intervalMs: (places) => intervalFor(budget, places),
    timeoutMs: 5_000,
    share,
  });

/** One vantage that spends the whole budget alone. */
const singleWithin = (budget: Budget, failures = 3): Rule => {
  const intervalMs = intervalFor(budget, 1);
  return single({
    ...gatus(intervalMs, failures),
    name: `single${failures === 3 ? "" : ` x${failures}`}`,
    timeoutMs: 5_000,
  });
};

/** All comparators, at a budget of probes per target and hour from all outside places together. */
export const rivals = (budget: Budget): Detector[] => [
  ...[
    route53({ intervalMs: 10_000 }),
    route53({ intervalMs: 30_000 }),
    cloudflare({ intervalMs: 10_000 }),
    cloudflare({ intervalMs: 60_000 }),
    openstatus({ name: "openstatus 30s", intervalMs: 30_000 }),
    openstatusWithin(budget),
    single(gatus(10_000)),
    single(gatus(60_000)),
    single(uptimeKuma(60_000)),
    single(uptimeKuma(60_000, 1)),
    singleWithin(budget),
    quorum({ k: 3, m: 1 }, budget),
    quorum({ k: "majority", m: 1 }, budget),
    quorum({ k: "majority", m: 2 }, budget),
    phiAccrual(paperPhi(8), budget),
    phiAccrual(akkaPhi(), budget),
  ].map(detectBy),
  oracle(budget),
];

/** Each family over its own threshold, from hasty to slow: for the picture of delay against mistakes. */
export const sweeps = (budget: Budget): Record<string, Detector[]> => {
  const rules: Record<string, Rule[]> = {
    "route53 10s": [1, 2, 3, 5].map((failureThreshold) => route53({ intervalMs: 10_000, failureThreshold })),
    "cloudflare 10s": [1, 2, 3].map((consecutiveDown) => cloudflare({ intervalMs: 10_000, consecutiveDown })),
    "openstatus-rule": [0.25, 0.5, 0.75, 1].map((share) => openstatusWithin(budget, share)),
    "gatus 10s": [1, 2, 3, 5].map((failures) => single(gatus(10_000, failures))),
    single: [1, 2, 3, 5, 10].map((failures) => singleWithin(budget, failures)),
    "k-of-n": [
      quorum({ k: 1, m: 1 }, budget),
      quorum({ k: 2, m: 1 }, budget),
      quorum({ k: 3, m: 1 }, budget),
      quorum({ k: "majority", m: 1 }, budget),
      quorum({ k: "all", m: 1 }, budget),
    ],
    majority: [1, 2, 3].map((m) => quorum({ k: "majority", m }, budget)),
    phi: [1, 2, 4, 8, 12, 16].map((threshold) => phiAccrual(paperPhi(threshold), budget)),
    "phi-akka": [1, 2, 4, 8, 12, 16].map((threshold) => phiAccrual(akkaPhi(threshold), budget)),
  };
  return Object.fromEntries(Object.entries(rules).map(([family, list]) => [family, list.map(detectBy)]));
};
