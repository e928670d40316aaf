/** Parallax's assumptions, as its pages state them, and the findings of a record that contradict each. */
import type { Attempt } from "../../src/domain/attempt.ts";
import { strayArea } from "../../src/domain/colos.ts";
import { AT_ONCE, FAULTS } from "./faults.ts";
import { SLOW_MS } from "./order.ts";
import type { Measured, Weighed } from "./record.ts";

interface Assumption {
  id: string;
  page: string;
  says: string;
  /** The contradicting findings; null if the record says nothing about the assumption. */
  against: (measured: Measured) => string[] | null;
}

/** As src/probe/failure.ts has it: a later rejection counts as silence. */
const REFUSAL_MS = 2_000;
/** How many connections one invocation may have waiting at once (src/vantage/crew.ts). */
const CONNECTIONS = 6;
const PROXY_STATUS = { refused: [521], broken: [520], handshake: [525, 526], silent: [522, 523, 524] };

const inWords = ({ by, end, tookMs, status, thrown }: Attempt): string => {
  const marks = thrown === null ? "" : `, ${thrown.name} "${thrown.message}", retryable ${thrown.retryable}`;
  return `${by} ${end}${status === null ? "" : ` ${status}`} after ${tookMs} ms${marks}`;
};

/** The attempts at these faults, made in this way, that are not as expected; null if there are no such attempts. */
const unlike = (
  { reached }: Measured,
  faults: readonly string[],
  by: Attempt["by"],
  isExpected: (attempt: Attempt) => boolean,
): string[] | null => {
  const found = reached
    .filter(({ fault }) => faults.includes(fault))
    .flatMap(({ fault, vantage, colo, attempts }) =>
      attempts.filter((one) => one.by === by).map((attempt) => ({ fault, vantage, colo, attempt })),
    );
  if (found.length === 0) return null;
  return found
    .filter(({ attempt }) => !isExpected(attempt))
    .map(
      ({ fault, vantage, colo, attempt }) => `${fault} from ${vantage} (${colo ?? "?"}): ${inWords(attempt)}`,
    );
};

const isRelayed = ({ status, proxied }: Attempt, expected: readonly number[]): boolean =>
  proxied && status !== null && expected.includes(status);

const RAW: readonly Assumption[] = [
  {
    id: "refusals-are-prompt",
    page: "docs/platform.md",
    says: `a connection that is refused is rejected within ${REFUSAL_MS} ms`,
    against: (all) =>
      unlike(all, ["crashed"], "connect", ({ end, tookMs }) => end === "failed" && tookMs <= REFUSAL_MS),
  },
  {
    id: "broken-is-retryable",
    page: "docs/platform.md",
    says: "a fetch whose connection is refused or breaks throws, marked retryable, or is answered by Cloudflare's 521 or 520",
    against: (all) =>
      unlike(
        all,
        ["crashed", "reset", "close"],
        "fetch",
        (one) =>
          one.thrown?.retryable === true || isRelayed(one, [...PROXY_STATUS.refused, ...PROXY_STATUS.broken]),
      ),
  },
  {
    id: "tls-is-not-retryable",
    page: "docs/platform.md",
    says: "a fetch whose TLS handshake fails throws without that mark, or is answered by Cloudflare's 525 or 526",
    against: (all) =>
      unlike(
        all,
        ["certificate", "no-tls"],
        "fetch",
        (one) =>
          isRelayed(one, PROXY_STATUS.handshake) || (one.end === "failed" && one.thrown?.retryable !== true),
      ),
  },
  {
    id: "tls-tells-by-two",
    page: "docs/probes.md",
    says: "a plain connection to a port with bad TLS opens, so that TLS is known to be what fails",
    against: (all) => unlike(all, ["certificate", "no-tls"], "connect", ({ end }) => end === "opened"),
  },
  {
    id: "tls-connect-fails",
    page: "docs/probes.md",
    says: "a connection with TLS whose handshake is bad is rejected",
    against: (all) =>
      unlike(all, ["certificate", "no-tls"], "connect with TLS", ({ end }) => end === "failed"),
  },
  {
    id: "one-text-for-all",
    page: "docs/platform.md",
    says: "a rejected connection names no cause: a refusal has the words that bad TLS has",
    against: ({ reached }) => {
      const texts = (by: Attempt["by"]): string[] => [
        ...new Set(
          reached.flatMap(({ attempts }) =>
            attempts.flatMap((one) => (one.by === by && one.thrown !== null ? [one.thrown.message] : [])),
          ),
        ),
      ];
      const [plain, tls] = [texts("connect"), texts("connect with TLS")];
      if (plain.length === 0 || tls.length === 0) return null;
      return new Set([...plain, ...tls]).size === 1
        ? []
        : [`connect: ${plain.join(" | ")}; with TLS: ${tls.join(" | ")}`];
    },
  },
  {
    id: "frozen-lets-in",
    page: "docs/probes.md",
    says: "a process that is frozen, or never answers, lets in and says nothing",
    against: (all) => {
      const opens = unlike(all, ["frozen", "silent"], "connect", ({ end }) => end === "opened");
      const hangs = unlike(
        all,
        ["frozen", "silent"],
        "fetch",
        (one) => one.end === "late" || isRelayed(one, PROXY_STATUS.silent),
      );
      return opens === null || hangs === null ? null : [...opens, ...hangs];
    },
  },
  {
    id: "nowhere-is-silent",
    page: "docs/platform.md",
    says: "a connection to where nobody is hangs for longer than any timeout here",
    against: (all) => unlike(all, ["nowhere"], "connect", ({ end }) => end === "late"),
  },
  {
    id: "bodies-break-aloud",
    page: "docs/answers.md",
    says: "an answer that ends before its body does has a status, and reading it throws",
    against: (all) =>
      unlike(all, ["truncated"], "fetch", ({ status, thrown }) => status === 200 && thrown !== null),
  },
  {
    id: "proxied-crash-is-521",
    page: "docs/answers.md",
    says: "behind Cloudflare's proxy a refusal is answered by 521 and the text error code: 521",
    against: (all) =>
      unlike(
        all,
        ["proxied"],
        "fetch",
        (one) => isRelayed(one, PROXY_STATUS.refused) && one.body?.startsWith("error code: 521") === true,
      ),
  },
  {
    id: "six-at-once",
    page: "docs/platform.md",
    says: `of ${AT_ONCE} fetches at once in one invocation ${CONNECTIONS} wait for their answers, and the others for one of those`,
    against: ({ reached }) => {
      const tried = reached.filter(({ fault }) => fault === "at-once");
      if (tried.length === 0) return null;
      return tried.flatMap(({ vantage, colo, attempts }) => {
        const fetched = attempts.filter(({ by }) => by === "fetch").map(({ tookMs }) => tookMs);
        const atOnce = fetched.filter((tookMs) => tookMs < 1.5 * SLOW_MS).length;
        return atOnce === CONNECTIONS
          ? []
          : [
              `${atOnce} at once from ${vantage} (${colo ?? "?"}): ${fetched.toSorted((a, b) => a - b).join(", ")} ms`,
            ];
      });
    },
  },
  {
    id: "hints-hold",
    page: "docs/platform.md",
    says: "an object runs in the part of the world its hint names",
    against: ({ vantages }) => {
      const known = vantages.filter(({ colo }) => colo !== null);
      if (known.length === 0) return null;
      return known.flatMap(({ id, region, colo }) => {
        const area = strayArea(region, colo);
        return area === null ? [] : [`${id} runs in ${colo}, ${area}`];
      });
    },
  },
];

/** For each fault: what vantages find, and which verdict follows. */
const WATCHED: readonly Assumption[] = FAULTS.flatMap(({ name, outcomes, verdicts }): Assumption[] => {
  if (outcomes === undefined || verdicts === undefined) return [];
  const page = ["reset", "close", "truncated", "error"].includes(name) ? "docs/answers.md" : "docs/probes.md";
  return [
    {
      id: `found-${name}`,
      page,
      says: `a vantage on Workers finds "${name}" to be ${outcomes.join(" or ")}`,
      against: ({ watched }) => {
        const looks = watched.filter(({ fault }) => fault === name).flatMap((one) => one.looks);
        if (looks.length === 0) return null;
        return looks
          .filter(({ outcome }) => !outcomes.includes(outcome))
          .map(
            ({ vantage, outcome, stage, detail }) =>
              `${vantage}: ${outcome}/${stage}, ${detail ?? "no detail"}`,
          );
      },
    },
    {
      id: `held-${name}`,
      page: "docs/verdicts.md",
      says: `"${name}" is held to be ${verdicts.join(" or ")}`,
      against: ({ watched }) => {
        const last = watched.find(({ fault }) => fault === name)?.verdicts.at(-1);
        if (last === undefined) return null;
        return verdicts.includes(last.verdict)
          ? []
          : [`${last.verdict} by ${last.rule} after ${last.afterMs} ms`];
      },
    },
  ];
});

export const ASSUMPTIONS = [...RAW, ...WATCHED];

export const weigh = (measured: Measured): Weighed[] =>
  ASSUMPTIONS.map(({ id, page, says, against }) => {
    const found = against(measured);
    const held = found === null ? "not tried" : found.length === 0 ? "held" : "contradicted";
    return { id, page, says, held, found: found ?? [] };
  });
