/**
 * Which members of a pool serve. A member goes out when its routing says avoid, and comes back when it has said serve for the hold-down.
 * Never more are out than the policy allows: a fault that takes everything is more likely ours or the network's, so the members that fell
 * last stay in.
 */
import type { GroupConfig } from "../domain/group.ts";
import { type Brake, held } from "./brakes.ts";
import { withLines, type GroupWithLines, untold, withheld } from "./history-lines.ts";
import { type GroupState, isFresh, membersOf, type MemberState, withMember } from "./group-state.ts";

/** At most this share of n members may be out. The small addend corrects binary fractions that fall just short, as 0.7 of 10. */
const NEARLY = 1e-9;

/** How many members of a pool may be out at once. */
export const outMax = ({ members, policy }: GroupConfig): number =>
  Math.max(
    0,
    Math.min(Math.floor(policy.maxOut * members.length + NEARLY), members.length - policy.minServing),
  );

interface Wish {
  name: string;
  priority: number;
  place: number;
  isOut: boolean;
  /** Null: the member serves again, and its hold-down has not ended. */
  fellAt: number | null;
  servesSince: number | null;
}

/**
 * A member that is out stays out before others go. The one that fell first goes first; of those that fell together, the least preferred.
 */
const inOrder = (a: Wish, b: Wish): number =>
  Number(a.fellAt === null) - Number(b.fellAt === null) ||
  Number(b.isOut) - Number(a.isOut) ||
  (a.fellAt ?? 0) - (b.fellAt ?? 0) ||
  // Among members that only wait for their hold-down, the one that has served again for the longest comes back first.
  (b.servesSince ?? 0) - (a.servesSince ?? 0) ||
  b.priority - a.priority ||
  b.place - a.place;

/** Whether its routing says so now: no change rests on a view that is not fresh. */
const isSaid = ({ view }: MemberState, routing: "avoid" | "serve", at: number): boolean =>
  isFresh(view, at) && view.routing === routing;

/** Whether a member that is out may not come back yet. */
const staysOut = (member: MemberState, holdDownMs: number, at: number): boolean =>
  member.servesSince === null || at < member.servesSince + holdDownMs || !isSaid(member, "serve", at);

/** Members that would be out if there were no bound, in the order in which they go out. */
const wishes = (state: GroupState, config: GroupConfig, at: number): Wish[] =>
  membersOf(state)
    .filter(({ member }) =>
      member.outSince === null ? isSaid(member, "avoid", at) : staysOut(member, config.policy.holdDownMs, at),
    )
    .map(({ name, config: { priority }, member, place }) => ({
      name,
      priority,
      place,
      isOut: member.outSince !== null,
      fellAt: member.fellAt,
      servesSince: member.servesSince,
    }))
    .toSorted(inOrder);

/** The names of the members that serve at `at`, in the order of the configuration. Never empty. `region`: as seen from there. */
export const servingOf = (state: GroupState, region?: string, at = state.at): string[] => {
  const { config } = state;
  if (config === null) return [];
  const out = membersOf(state).filter(({ member }) => member.outSince !== null);
  const isOut = new Set(out.map(({ name }) => name));
  if (region !== undefined) {
    const cut = membersOf(state)
      .filter(({ name, member: { view } }) => !isOut.has(name) && isFresh(view, at) && isCut(view, region))
      .toSorted((a, b) => b.config.priority - a.config.priority || b.place - a.place);
    for (const { name } of cut.slice(0, Math.max(0, outMax(config) - isOut.size))) isOut.add(name);
  }
  return membersOf(state)
    .map(({ name }) => name)
    .filter((name) => !isOut.has(name));
};

const isCut = ({ regions }: { regions: Record<string, string> }, region: string): boolean =>
  regions[region] === "avoid";

const UNKNOWN = "nothing fresh is known of it";

/** Why members that fell stay in, and members that serve again stay out. */
export const poolHeld = (state: GroupState): Brake[] => {
  const { config, frozen, at } = state;
  if (config === null) return [];
  const { minServing, maxOut, holdDownMs } = config.policy;
  const staying = membersOf(state).filter(({ member }) => member.outSince === null && member.fellAt !== null);
  const isLeast = config.members.length - minServing <= Math.floor(maxOut * config.members.length + NEARLY);
  return [
    ...staying.map(({ name, member }) => {
      if (frozen !== null)
        return held("freeze", `frozen by ${frozen.by}: ${frozen.reason}`, name, frozen.until);
      if (!isSaid(member, "avoid", at)) return held("evidence", UNKNOWN, name);
      return isLeast
        ? held("min-serving", `${minServing} must serve, and others fell before it`, name)
        : held(
            "max-out",
            `${outMax(config)} of ${config.members.length} may be out, and others fell before it`,
            name,
          );
    }),
    ...membersOf(state)
      .filter(({ member }) => member.outSince !== null && member.fellAt === null)
      .map(({ name, member: { servesSince } }) => {
        if (frozen !== null)
          return held("freeze", `frozen by ${frozen.by}: ${frozen.reason}`, name, frozen.until);
        const until = (servesSince ?? at) + holdDownMs;
        return until > at
          ? held("hold-down", "it serves again, and not for long", name, until)
          : held("evidence", UNKNOWN, name);
      }),
  ];
};

const sentence = (came: readonly string[], went: readonly string[]): string =>
  [
    went.length === 0 ? "" : `${went.join(", ")} went out: routing says avoid`,
    came.length === 0 ? "" : `${came.join(", ")} came back`,
  ]
    .filter((part) => part !== "")
    .join("; ");

/** Takes out and takes back every member that is due. */
export const settlePool = (before: GroupState): GroupWithLines => {
  const { config, at } = before;
  if (config === null || config.mode !== "pool") return untold(before);
  if (before.frozen !== null) return noteStaying(before);
  const goes = new Set(
    wishes(before, config, at)
      .slice(0, outMax(config))
      .map(({ name }) => name),
  );
  const went = membersOf(before).filter(({ name, member }) => goes.has(name) && member.outSince === null);
  const came = membersOf(before).filter(({ name, member }) => !goes.has(name) && member.outSince !== null);
  if (went.length + came.length === 0) return noteStaying(before);
  let state = before;
  for (const { name } of went) state = withMember(state, name, { outSince: at });
  for (const { name } of came) state = withMember(state, name, { outSince: null });
  const because = sentence(
    came.map(({ name }) => name),
    went.map(({ name }) => name),
  );
  const changed = withLines(
    { ...state, epoch: state.epoch + 1, changedAt: at, because },
    {
      kind: "changed",
      because,
      from: servingOf(before),
      to: servingOf(state),
      about: [...went, ...came].map(({ name }) => name),
    },
  );
  const staying = noteStaying(changed.state);
  return { state: staying.state, lines: [...changed.lines, ...staying.lines] };
};

/** Notes the members that are held in or out, once, and not again after they were unknown for a while. */
const noteStaying = (state: GroupState): GroupWithLines => {
  const all = poolHeld(state);
  if (all.some(({ what }) => what === "evidence")) return untold(state);
  const heldBy = all.filter(({ what }) => what !== "hold-down");
  if (heldBy.length === 0) return untold(state.withheld === null ? state : { ...state, withheld: null });
  const names = heldBy.map(({ member }) => member);
  return withheld(state, `${names.join(", ")} would go out or come back`, heldBy, names);
};
