/** One world of the grammar: a fleet, and one to four troubles that may overlap. */
import { BEGINS_AT, createReality } from "../create-reality.ts";
import { Draw, nameOf } from "../draw.ts";
import type { Fault } from "../fault.ts";
import { ELSEWHERE, type Placed, placesOf } from "../layout.ts";
import type { Reality } from "../reality.ts";
import { type Fleet, fleetOf, fleetWords, keyOf } from "./fleet.ts";
import { ORDINARY, TROUBLES, type Trouble } from "./troubles.ts";

export interface Plan {
  seed: number;
  fleet: Fleet;
  faults: readonly Fault[];
  begin: number;
  end: number;
  /** Fleet and troubles in words, a line each. */
  words: string[];
}

/** Kinds of streams, so that no two share a name. */
const STREAM = { plan: 0x61, stranger: 0x63 };

/** Everybody has looked at everything by then, if only once; milliseconds. */
const CALM_MS = { least: 15_000, most: 30_000 };
/** Troubles begin within so long of each other. */
const ONSETS_MS = 30_000;
/** Their lengths, evenly over the orders of magnitude. */
const LENGTH_MS = { least: 1_500, most: 60_000 };
/** This share of them lasts to the end: a steady fault has to settle too. */
const LASTING_SHARE = 0.45;
/** This share is drawn from what happens on ordinary days. */
const ORDINARY_SHARE = 0.35;
/** Time to settle in, at least and at most. */
const AFTER_MS = { least: 25_000, most: 50_000 };
const TROUBLES_MAX = 4;
/** Drawn again where a kind needs something that the fleet has not. */
const TRIES = 5;

const drawTrouble = (
  draw: Draw,
  fleet: Fleet,
  focus: Placed,
  span: { begin: number; from: number; end: number },
): Trouble | null => {
  const places = placesOf(fleet.layout).filter(({ site }) => site === undefined);
  const { begin, from, end } = span;
  const lasts = draw.isHit(LASTING_SHARE);
  const lengthMs = LENGTH_MS.least * (LENGTH_MS.most / LENGTH_MS.least) ** draw.uniform();
  const to = lasts ? end : Math.min(end, Math.round(from + lengthMs));
  for (let turn = 0; turn < TRIES; turn++) {
    const name = draw.pick(draw.isHit(ORDINARY_SHARE) ? ORDINARY : Object.keys(TROUBLES));
    const trouble = TROUBLES[name]?.({ draw, fleet, focus, places, begin, end, from, to });
    if (trouble === undefined || trouble === null) continue;
    const seconds = (at: number): string => ((at - begin) / 1_000).toFixed(1);
    const first = Math.min(...trouble.faults.map((fault) => fault.from));
    const last = Math.min(end, Math.max(...trouble.faults.map((fault) => fault.to)));
    return {
      faults: trouble.faults,
      words: `${name}: ${trouble.words}; ${seconds(first)} to ${seconds(last)} s`,
    };
  }
  return null;
};

/** Second ports that a firewall has always closed, and inside vantages that have never reached one of their targets. */
const FLAW_SHARE = 0.12;

/** Parts that do not work from the beginning, which stays unnoticed while all is well. */
const flawsOf = (draw: Draw, { targets, layout }: Fleet, begin: number, end: number): Trouble[] =>
  targets.flatMap((target): Trouble[] => {
    const key = keyOf(target);
    const { site } = target;
    const isClosed = target.hasWitness && draw.isHit(FLAW_SHARE);
    const isUnseen = layout.insideOf?.includes(site) === true && draw.isHit(FLAW_SHARE);
    const state = draw.pick(["dropped", "dropped", "rejected"] as const);
    const span = { from: begin, to: end };
    const path = { on: "path", place: `in-${site}`, site, key, loss: 1, way: "both", ...span } as const;
    return [
      ...(isClosed
        ? [
            {
              words: `always: the witness of ${key} is ${state}`,
              faults: [{ on: "witness" as const, key, state, ...span }],
            },
          ]
        : []),
      ...(isUnseen ? [{ words: `always: in-${site} has not reached ${key}`, faults: [path] }] : []),
    ];
  });

/** In this share of worlds a vantage in another network is not what it seems … */
const STRANGER_SHARE = 0.25;
/** … and in this share of them it lies, mostly or always; else it has a path of its own to a site. */
const LYING_SHARE = 0.6;

/** A stream of its own: all else in a world is the same with it or without. */
const strangerOf = (
  seed: number,
  { layout }: Fleet,
  { site }: Placed,
  { begin, end }: { begin: number; end: number },
): Trouble | null => {
  const draw = new Draw(nameOf(seed, STREAM.stranger));
  const remote = placesOf(layout).filter((one) => one.site === undefined && one.provider === ELSEWHERE);
  if (remote.length === 0 || !draw.isHit(STRANGER_SHARE)) return null;
  const { id } = draw.pick(remote);
  const span = { on: "place" as const, place: id, from: begin + draw.between(0, CALM_MS.least), to: end };
  if (!draw.isHit(LYING_SHARE))
    return {
      words: `stranger: ${id} has a path of its own to ${site}`,
      faults: [{ ...span, state: "private", site }],
    };
  const share = draw.pick([1, 1, 0.7]);
  return {
    words: `stranger: ${id} says of ${share} of its looks that they are answered`,
    faults: [{ ...span, state: "lying", share }],
  };
};

export const planOf = (seed: number): Plan => {
  const draw = new Draw(nameOf(seed, STREAM.plan));
  const fleet = fleetOf(draw);
  const begin = BEGINS_AT;
  const calmUntil = begin + draw.between(CALM_MS.least, CALM_MS.most);
  const end = Math.round(calmUntil + ONSETS_MS + draw.between(AFTER_MS.least, AFTER_MS.most));
  const count = 1 + Math.floor(draw.uniform() * TROUBLES_MAX);
  const focus = draw.pick(fleet.targets);
  const troubles = Array.from({ length: count }, () => {
    const from = Math.round(calmUntil + draw.between(0, ONSETS_MS));
    return drawTrouble(draw, fleet, focus, { begin, from, end });
  }).filter((trouble) => trouble !== null);
  troubles.unshift(...flawsOf(draw, fleet, begin, end));
  const stranger = strangerOf(seed, fleet, focus, { begin, end });
  if (stranger !== null) troubles.unshift(stranger);
  const faults = troubles
    .flatMap((trouble) => trouble.faults)
    .map((fault) => ({ ...fault, from: Math.round(fault.from), to: Math.min(end, Math.round(fault.to)) }))
    .filter(({ from, to }) => from < to);
  const words = [
    `${((end - begin) / 1_000).toFixed(0)} s; ${fleetWords(fleet)}`,
    ...troubles.map((trouble) => trouble.words),
  ];
  return { seed, fleet, faults, begin, end, words };
};

/** The plan come true. */
export const realityOf = ({ seed, fleet, faults, begin, end }: Plan): Reality => {
  const scenario = { name: "adversary", about: "", script: () => ({ faults: [...faults], cases: [] }) };
  // The script names its own instants: nothing hangs on when its span begins.
  const spans = { calmMs: 0, lastsMs: end - begin, afterMs: 0 };
  return createReality(scenario, seed, { layout: fleet.layout, network: fleet.network, ...spans });
};
