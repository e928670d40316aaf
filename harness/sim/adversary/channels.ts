/** Channels that did not work for a target in its own recent good time: they prove nothing about it, whatever they report later. */
import type { EvidenceEvent } from "../../../src/domain/evidence.ts";
import type { Facts, Told } from "./history.ts";
import { targetsIn } from "./history.ts";
import { honest, type Look, looksIn } from "./looks.ts";
import { type Filter, withObservations } from "./without.ts";

export interface Channel {
  /** The target about which the channel proves nothing. */
  key: string;
  words: string;
  /** The events as if it did not exist. */
  without: Filter;
}

/** A channel that was tried less often in good time is not known to be dead: where it never worked, … */
const TRIES_MIN = 2;
/** … and since it did, by so many vantages where so many look: a burst of loss on one path is no closed port. */
const TRIES_SINCE_MIN = 4;
const TRIED_BY_MIN = 2;

const keyOf = ({ site, target }: { site: string; target: string }): string => `${site}/${target}`;

/** Whether the target was in its good time at an instant: the looks from outside before and after it were both answered. */
const goodTime = (looks: readonly Look[]): ((at: number) => boolean) => {
  const outside = looks
    .filter(({ subject, isInside }) => subject === "target" && !isInside)
    .toSorted((a, b) => a.begin - b.begin);
  return (at) => {
    const after = outside.findIndex(({ begin }) => begin > at);
    return after > 0 && outside[after - 1]?.outcome === "ok" && outside[after]?.outcome === "ok";
  };
};

const isDead = (
  looks: readonly Look[],
  isGood: (at: number) => boolean,
  works: ReadonlySet<Look["outcome"]>,
): boolean => {
  const workedAt = Math.max(
    0,
    ...looks.filter(({ outcome }) => works.has(outcome)).map(({ begin }) => begin),
  );
  const isProven = looks.some(({ begin, outcome }) => works.has(outcome) && isGood(begin));
  const tried = looks.filter(({ begin }) => isGood(begin) && (!isProven || begin > workedAt));
  if (!isProven) return tried.length >= TRIES_MIN;
  const tryers = new Set(looks.map(({ vantage }) => vantage));
  const by = new Set(tried.map(({ vantage }) => vantage));
  return tried.length >= TRIES_SINCE_MIN && by.size >= Math.min(TRIED_BY_MIN, tryers.size);
};

/** A closed port answers by refusing; it has shown that its host lives. */
const WITNESS_WORKS: ReadonlySet<Look["outcome"]> = new Set(["ok", "app_error", "reset", "refused"]);
const INSIDE_WORKS: ReadonlySet<Look["outcome"]> = new Set(["ok", "app_error"]);

const withoutWitness = (key: string): Filter => {
  const observed = withObservations((one) => one.subject !== "witness" || keyOf(one) !== key);
  return (event) =>
    event.kind === "target" && keyOf(event.target) === key
      ? { ...event, target: { ...event.target, hasWitness: false } }
      : observed(event);
};

const withoutInside = (key: string, vantage: string): Filter => {
  const observed = withObservations((one, report) => report.vantage !== vantage || keyOf(one) !== key);
  return (event) => {
    if (event.kind !== "target" || keyOf(event.target) !== key) return observed(event);
    const vantages = event.target.vantages.filter((id) => id !== vantage);
    return { ...event, target: { ...event.target, vantages } };
  };
};

const withoutHeartbeats =
  (key: string): Filter =>
  (event) =>
    event.kind === "heartbeat" && keyOf(event.heartbeat) === key ? null : event;

const ofTarget = (key: string, looks: readonly Look[], beats: readonly number[]): Channel[] => {
  const isGood = goodTime(looks);
  const channels: Channel[] = [];
  const witness = looks.filter(({ subject }) => subject === "witness");
  if (isDead(witness, isGood, WITNESS_WORKS))
    channels.push({ key, words: `the witness of ${key}`, without: withoutWitness(key) });
  const inside = Map.groupBy(
    looks.filter(({ subject, isInside }) => subject === "target" && isInside),
    ({ vantage }) => vantage,
  );
  for (const [vantage, own] of inside)
    if (isDead(own, isGood, INSIDE_WORKS))
      channels.push({ key, words: `${vantage} for ${key}`, without: withoutInside(key, vantage) });
  if (beats.length > 0 && !beats.some(isGood))
    channels.push({ key, words: `the heartbeats of ${key}`, without: withoutHeartbeats(key) });
  return channels;
};

const beatsIn = (told: readonly Told[]): Map<string, number[]> => {
  const beats = new Map<string, number[]>();
  for (const { now, events } of told)
    for (const event of events) {
      if (event.kind !== "heartbeat") continue;
      const key = keyOf(event.heartbeat);
      beats.set(key, [...(beats.get(key) ?? []), now]);
    }
  return beats;
};

/** A vantage's controls that never answered it, though targets did. */
const ofControls = (told: readonly Told[], looks: ReadonlyMap<string, readonly Look[]>): Channel[] => {
  const answered = new Map<string, boolean>();
  const tries = new Map<string, number>();
  for (const { events } of told)
    for (const event of events)
      for (const { url, outcome } of event.kind === "report" ? event.report.controls : []) {
        const name = `${event.kind === "report" ? event.report.vantage : ""} ${url}`;
        answered.set(name, (answered.get(name) ?? false) || outcome === "ok" || outcome === "app_error");
        tries.set(name, (tries.get(name) ?? 0) + 1);
      }
  const served = new Set(
    [...looks.values()].flatMap((all) =>
      all.filter(({ outcome }) => outcome === "ok").map(({ vantage }) => vantage),
    ),
  );
  return [...answered].flatMap(([name, isAnswered]) => {
    const [vantage = "", url = ""] = name.split(" ");
    if (isAnswered || (tries.get(name) ?? 0) < TRIES_MIN || !served.has(vantage)) return [];
    const without = (event: EvidenceEvent): EvidenceEvent => {
      if (event.kind !== "report" || event.report.vantage !== vantage) return event;
      const controls = event.report.controls.filter((one) => one.url !== url);
      return { kind: "report", report: { ...event.report, controls } };
    };
    return [{ key: "", words: `${url} for ${vantage}`, without }];
  });
};

export const deadChannels = (told: readonly Told[], facts: Pick<Facts, "lying">): Channel[] => {
  const looks = new Map([...looksIn(told)].map(([key, all]) => [key, honest(all, facts)]));
  const beats = beatsIn(told);
  return [
    ...[...targetsIn(told).keys()].flatMap((key) =>
      ofTarget(key, looks.get(key) ?? [], beats.get(key) ?? []),
    ),
    ...ofControls(told, looks),
  ];
};
