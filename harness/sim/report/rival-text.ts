/** What the rivals do, and where that is documented, by how their names begin; the first that fits counts. */
const RULES: readonly [string, string][] = [
  ["parallax", "this repository"],
  ["route53", "at most 18 % of checkers healthy, 3 results in a row each (Route 53 Developer Guide)"],
  ["cloudflare", "majority of regions, 2 retries on a timeout (Cloudflare Load Balancing, Monitors)"],
  ["openstatus-rule", "`openstatus` with a timeout of 5 s, as often as the budget allows"],
  ["openstatus", "half of the regions, 3 retries, timeout 45 s (openstatus documentation and source)"],
  ["gatus", "one vantage, 3 failures in a row, 2 successes (Gatus README and source)"],
  ["uptime-kuma 60s x1", "the same with 0 retries, as it ships"],
  ["uptime-kuma", "one vantage, 2 retries (Uptime Kuma source)"],
  ["single", "Gatus' rule as often as the budget allows"],
  ["3-of-n", "3 of n vantages after 1 failure each (folklore)"],
  ["majority-of-n x1", "most of n vantages after 1 failure each (folklore)"],
  ["majority-of-n x2", "the same after 2 failures each"],
  ["phi-akka", "`phi` with a pause of 3 s and a least deviation of 100 ms (Akka, reference.conf)"],
  ["phi", "φ accrual over answered probes (Hayashibara et al., SRDS 2004)"],
  ["oracle", "is told what the fault is, and waits for the first packet that differs for it: a bound"],
];

export const ruleOf = (detector: string): string =>
  RULES.find(([begins]) => detector.startsWith(begins))?.[1] ?? "";
