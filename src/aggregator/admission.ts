/** What vantages can look at in time, and how full they are. */
import { capacityOf, LOOKS_PER_SECOND_MAX, weightOf } from "../domain/capacity.ts";
import type { JudgedTarget } from "../domain/evidence.ts";
import type { ShownTurns } from "../domain/vantage.ts";
import type { ShardState, VantageRecord } from "../verdict/memory/state.ts";

/** What is asked of a vantage by one target. */
type Asked = Pick<JudgedTarget, "intervalMs" | "hasWitness" | "paused" | "vantages">;

const askedOf = (target: Asked | undefined, vantage: string): number =>
  target?.vantages.includes(vantage) === true ? weightOf(target) : 0;

/** Looks a second that all targets ask of a vantage. */
const askedInAll = ({ targets }: ShardState, vantage: string, without?: string): number =>
  [...targets].reduce((sum, [key, { target }]) => sum + (key === without ? 0 : askedOf(target, vantage)), 0);

/** How a vantage keeps up, and how full it is. */
export const shownTurns = (state: ShardState, { vantage, turns }: VantageRecord): ShownTurns => ({
  due: turns?.due ?? 0,
  missed: turns?.missed ?? 0,
  heldMs: turns?.heldMs ?? null,
  perSecond: rounded(turns === null ? LOOKS_PER_SECOND_MAX : capacityOf(turns)),
  assignedPerSecond: rounded(askedInAll(state, vantage.id)),
});

const rounded = (perSecond: number): number => Math.round(perSecond * 1_000) / 1_000;
