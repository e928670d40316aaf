import type { Routing, VerdictAnswer } from "../../domain/verdict.ts";

/** The state that HAProxy shall give a server. */
export type Take = { kind: "up" | "drain" | "down" } | { kind: "weight"; percent: number };

export interface WordOptions {
  /** A region whose routing advice counts. */
  from: string | undefined;
  gray: Take;
  partition: Take;
}

/** A line at which HAProxy changes nothing and logs no error. */
export const NO_CHANGE = "\n";

const routingOf = (verdict: VerdictAnswer, from: string | undefined): Routing => {
  const { advice, override, unreachableFrom, stale } = verdict;
  if (from === undefined || stale || override?.advice?.routing !== undefined) return advice.routing;
  const isCut = verdict.verdict === "partitioned" && unreachableFrom.includes(from);
  // A region may be called "constructor".
  const regional = Object.hasOwn(advice.regions, from) ? advice.regions[from] : undefined;
  return regional ?? (isCut ? "avoid" : advice.routing);
};

const takeOf = (verdict: VerdictAnswer, { from, gray, partition }: WordOptions): Take => {
  if (routingOf(verdict, from) === "avoid") return { kind: "down" };
  if (verdict.override?.advice?.routing !== undefined) return { kind: "up" };
  if (verdict.verdict === "gray") return gray;
  return verdict.verdict === "partitioned" ? partition : { kind: "up" };
};

const fieldsOf = (take: Take): string => {
  switch (take.kind) {
    case "up":
      return "ready up 100%";
    case "weight":
      return `ready up ${take.percent}%`;
    case "drain":
      return "drain up 100%";
    case "down":
      return "ready down 100%";
  }
};

/** A line for HAProxy. It always has all three fields, since a field left out keeps its earlier value. HAProxy logs the text after `#`. */
export const wordFor = (verdict: VerdictAnswer, manner: WordOptions): string =>
  `${fieldsOf(takeOf(verdict, manner))} #${verdict.verdict} seq=${verdict.sequence}\n`;
