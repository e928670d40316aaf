/** What was simulated, in the numbers the simulator runs on. */
import { DEFAULT_LAYOUT, DEFAULT_NETWORK } from "../layout.ts";
import { meanLoss } from "../loss.ts";
import { WORLDS } from "../worlds.ts";
import { tableLines } from "./markdown.ts";

const share = (part: number): string => `${Number((100 * part).toFixed(2))} %`;

export const worldBlocks = (): (string | string[])[] => {
  const { vantages, intervalMs, timeoutMs, sites, targetsPerSite, skewMaxMs } = DEFAULT_LAYOUT;
  const { loss, delay } = DEFAULT_NETWORK;
  return [
    [
      "Nothing on this page was measured on a real network. Every figure comes from simulated worlds: a program decides, from a",
      "seed, what befalls whom and when, and every detector then looks at the same world, so that differences are the",
      "detectors' own. Parallax in it is the production judge and the production schedule, outbox and courier, in virtual time;",
      "what is left out of it is storage, the platform's alarms and calls, and everything Cloudflare may do to them.",
    ],
    [
      `- ${vantages} vantages look at ${sites} sites of ${targetsPerSite} targets each, every ${intervalMs / 1_000} s in even turns, with a timeout of ${timeoutMs / 1_000} s;`,
      `  clocks are wrong by up to ${skewMaxMs} ms; reports take a median of 40 ms.`,
      "- One way takes a median of 35 ms, 3 to 150 ms depending on the path. Packets are spread around that as a lognormal does it,",
      delay.tail.kind === "lognormal"
        ? `  and ${share(delay.tail.share)} of them take longer by a second lognormal with a median of ${delay.tail.medianMs} ms.`
        : "  with Pareto's tail.",
      `- Loss comes in bursts, on each direction of each path by itself (Gilbert and Elliott): ${share(loss.goodLoss)} of packets in good`,
      `  weather, ${share(loss.badLoss)} in bad; bad weather lasts ${loss.badMs / 1_000} s on average and comes every ${loss.goodMs / 1_000} s. That is ${share(meanLoss(loss))} each way.`,
      "- TCP sends a SYN at 0, 1 and 3 s; requests and answers are sent again while unacknowledged.",
      "- A fault begins at a random instant after a minute of calm, lasts a minute unless said otherwise, and a minute follows to recover in.",
    ],
    [
      "The model is not the judge's own: the judge does not know these numbers, and its table of likelihoods was not fitted to them.",
      `Still, both were written by the same people. So part of the claims is measured in worlds that break its assumptions (${Object.keys(
        WORLDS,
      )
        .filter((name) => name !== "usual")
        .map((name) => `\`${name}\``)
        .join(", ")}),`,
      "and a world of yours is one line in `test/sim/worlds.ts`.",
    ],
    [
      "What no world here has: faults that correlate in ways no scenario names, networks that degrade because of our own probes,",
      "firewalls that ban a prober after a while, targets that are slow under load, TLS and HTTP in detail, deploys of Parallax",
      "itself. Tests against real processes and real packet filters are elsewhere in this repository; they are few beside the runs here.",
    ],
  ];
};

const RIVALS: readonly (readonly string[])[] = [
  ["detector", "rule", "as documented by", "spends"],
  [
    "`route53 10s`, `30s`",
    "down when at most 18 % of the checkers hold it healthy; each after 3 results in a row; checkers do not coordinate",
    "Route 53 Developer Guide, HealthCheckConfig",
    "its interval",
  ],
  [
    "`cloudflare 10s`, `60s`",
    "majority of 3 data centers a region, then of regions; 2 retries on a timeout",
    "Cloudflare Load Balancing, Monitors",
    "its interval",
  ],
  [
    "`openstatus 30s`",
    "half of the regions; 3 retries with backoff; timeout 45 s",
    "openstatus documentation and source",
    "its interval",
  ],
  ["`openstatus-rule`", "the same rule, timeout 5 s", "the same", "the budget"],
  [
    "`gatus 10s`, `60s`",
    "one vantage, 3 failures in a row, 2 successes",
    "Gatus README and source",
    "its interval",
  ],
  ["`uptime-kuma 60s`", "one vantage, 2 retries", "Uptime Kuma source", "its interval"],
  ["`single`", "Gatus' rule as often as the budget allows", "the same", "the budget"],
  ["`k-of-n xm`", "k of n vantages after m failures in a row each, in even turns", "folklore", "the budget"],
  ["`phi 8`", "φ accrual over answered probes, Φ = 8", "Hayashibara et al., SRDS 2004", "the budget"],
  [
    "`phi-akka 8`",
    "the same with a pause of 3 s and a least deviation of 100 ms",
    "Akka, reference.conf",
    "the budget",
  ],
  [
    "`oracle`",
    "is told when and what the fault is, and waits for the first packet that differs for it: a bound, not a detector",
    "nobody",
    "the budget",
  ],
];

export const rivalTable = (): string[] => tableLines(RIVALS);
