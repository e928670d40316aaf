/** Whether a target fits into what its vantages can look at in time, and how full the vantages are. */
import { capacityOf, LOOKS_PER_SECOND_MAX, weightOf } from "../domain/capacity.ts";
import type { JudgedTarget } from "../domain/evidence.ts";
import { keyOf } from "../domain/name.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import type { ShownTurns, Vantage } from "../domain/vantage.ts";
import type { ShardState, VantageRecord } from "../verdict/memory/judge-state.ts";
import { vantagesOf } from "./assignment.ts";
import type { TargetRow } from "./store/catalogue.ts";

const INTERVAL_MAX_MS = 3_600_000;
/** Tolerance for rounding: the sum of many shares differs slightly from the whole. */
const GRAIN = 1e-9;

/** The part of a target that says what it asks of a vantage. */
type Asked = Pick<JudgedTarget, "intervalMs" | "hasWitness" | "paused" | "vantages">;

const askedOf = (target: Asked | undefined, vantage: string): number =>
  target?.vantages.includes(vantage) === true ? weightOf(target) : 0;

/** Looks a second that all targets ask of a vantage, except the target `without`. */
const askedInAll = ({ targets }: ShardState, vantage: string, without?: string): number =>
  [...targets].reduce((sum, [key, { target }]) => sum + (key === without ? 0 : askedOf(target, vantage)), 0);

/**
 * The looks a second that a vantage may be given. An unsound vantage may be cut off, so the pace that it reports does not count and is
 * taken as unknown.
 */
const admittedTo = (record: VantageRecord | undefined): number =>
  record?.state === "sound" && record.turns !== null ? capacityOf(record.turns) : LOOKS_PER_SECOND_MAX;

/** A vantage that would have more to look at than it can. */
interface Excess {
  vantage: string;
  /** Looks a second. */
  asked: number;
  capacity: number;
  /** What is left of the capacity for this target. */
  left: number;
}

/**
 * Fails where one of the target's vantages would have more looks to take than its pace allows. A change that makes the target no heavier
 * for a vantage is never refused, however slow the vantage has become since.
 */
export const checkPace = (
  state: ShardState,
  { site, target: name, config }: Pick<TargetRow, "site" | "target" | "config">,
  roster: Vantage[],
): Result<null> => {
  const key = keyOf(site, name);
  const target: Asked = {
    intervalMs: config.intervalMs,
    hasWitness: config.witness !== undefined,
    paused: config.paused === true,
    vantages: vantagesOf({ site, config }, roster),
  };
  const old = state.targets.get(key)?.target;
  const excesses = target.vantages.flatMap((vantage): Excess[] => {
    const weight = askedOf(target, vantage);
    if (weight <= askedOf(old, vantage)) return [];
    const capacity = admittedTo(state.vantages.get(vantage));
    const others = askedInAll(state, vantage, key);
    const asked = others + weight;
    return asked <= capacity + GRAIN ? [] : [{ vantage, asked, capacity, left: capacity - others }];
  });
  const [worst] = excesses.toSorted((a, b) => a.left - b.left);
  return worst === undefined
    ? accepted(null)
    : refused("capacity", sentence(worst, excesses.length - 1, state, target), "intervalMs");
};

const sentence = (
  { vantage, asked, capacity, left }: Excess,
  more: number,
  { vantages }: ShardState,
  target: Asked,
): string => {
  const turns = vantages.get(vantage)?.turns ?? null;
  const why =
    capacity < LOOKS_PER_SECOND_MAX && turns !== null
      ? `its pace allows ${capacity.toFixed(2)}, as a look holds one of its ${turns.slots} slots for ${turns.heldMs} ms`
      : `${LOOKS_PER_SECOND_MAX} is the most there may be`;
  const ms = Math.ceil((weightOf(target) * target.intervalMs) / left / 1_000) * 1_000;
  const longer =
    left > 0 && ms <= INTERVAL_MAX_MS
      ? `use an intervalMs of ${ms} or more,`
      : "no interval is long enough: use";
  return (
    `vantage ${vantage}${more > 0 ? ` (and ${more} more)` : ""} would have ${asked.toFixed(2)} looks a second to take, and ${why}; ` +
    `${longer} fewer targets, or more vantages, naming in "vantages" which look at it`
  );
};

/** How well a vantage keeps up, and how full it is. */
export const shownTurns = (state: ShardState, { vantage, turns }: VantageRecord): ShownTurns => ({
  due: turns?.due ?? 0,
  missed: turns?.missed ?? 0,
  heldMs: turns?.heldMs ?? null,
  perSecond: rounded(turns === null ? LOOKS_PER_SECOND_MAX : capacityOf(turns)),
  assignedPerSecond: rounded(askedInAll(state, vantage.id)),
});

const rounded = (perSecond: number): number => Math.round(perSecond * 1_000) / 1_000;
