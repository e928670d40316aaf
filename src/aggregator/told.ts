import { keyOf } from "../domain/name.ts";
import { isOfFall } from "./fall.ts";
import { unrehearsed, type Rehearsal, type NotifiedTransition } from "../webhooks/message.ts";
import type { Change, ShardState, TargetState } from "../verdict/memory/judge-state.ts";

/** The drill that a target's verdict rests on, with what an operator's override says of the advice meanwhile. */
const rehearsalOf = (target: TargetState | undefined, now: number): Rehearsal | null => {
  const drill = target?.published.drill ?? null;
  if (target === undefined || drill === null) return null;
  const { override } = target;
  const spoken = override !== null && override.until > now ? (override.advice ?? {}) : {};
  return { ...drill, spoken };
};

/**
 * A change as it is reported to webhooks. `before` and `after`: the state without and with what was judged. `wasOfFall`: as for isOfFall.
 */
export const toldOf = (
  change: Change,
  before: ShardState,
  after: ShardState,
  now: number,
  wasOfFall: () => boolean,
): NotifiedTransition => {
  const { site, target, transition } = change;
  const key = keyOf(site, target);
  const old = before.targets.get(key);
  const { advice } = old?.published ?? {};
  return {
    site,
    transition,
    drill: rehearsalOf(after.targets.get(key), now),
    isOfFall: isOfFall(change, before, after, wasOfFall),
    advisedFailover:
      advice !== undefined && unrehearsed({ ...transition, advice }, rehearsalOf(old, now)).advice.failover,
  };
};
