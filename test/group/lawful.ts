/** Laws of single moves of a group. Each law keeps its own memory of the moves before. A broken law throws. */
import type { GroupConfig, MemberView } from "../../src/domain/group.ts";
import { HOUR_MS } from "../../src/group/brakes.ts";
import { servingOf } from "../../src/group/pool.ts";
import type { GroupState } from "../../src/group/group-state.ts";
import type { Move } from "./random.ts";

/** A law. Each call makes a new check for one course. */
type Law = () => (move: Move) => void;

const hold = (isSo: boolean, law: string): void => {
  if (!isSo) throw new Error(law);
};

const RECENT_MS = 5_000;

const isFresh = (view: MemberView | null | undefined, at: number): view is MemberView =>
  view !== null && view !== undefined && view.validUntil !== null && at <= view.validUntil;

const viewIn = ({ members }: GroupState, name: string | null): MemberView | null =>
  members[name ?? ""]?.view ?? null;

/** In each epoch one member may lead, even if the group is deleted and made anew, and the history names that member. */
const oneLeaderAnEpoch: Law = () => {
  const led = new Map<number, string>();
  let told: string | null = null;
  return ({ after, before, lines }) => {
    hold(after.epoch >= before.epoch, "an epoch never falls");
    for (const { kind, to } of lines) if (kind === "changed") told = to.join();
    const { leader, epoch } = after;
    if (leader === null) return;
    hold((led.get(epoch) ?? leader) === leader, "in each epoch one member leads");
    led.set(epoch, leader);
    hold(told === leader, "nobody leads but by a line of the history");
    if (after.epoch > before.epoch)
      hold(
        lines.some((line) => line.kind === "changed" && line.epoch === epoch && line.to.join() === leader),
        "a grant is a line of the history",
      );
  };
};

/** Lines are numbered without a gap. */
const everyLineCounts: Law = () => {
  let count = 0;
  return ({ after, lines }) => {
    for (const { number } of lines) hold(number === (count += 1), "lines are numbered one by one");
    hold(after.lines === count, "the state knows how many lines there are");
  };
};

/** At least as many members serve as the policy demands, and at least one. */
const enoughServe: Law =
  () =>
  ({ after }) => {
    if (after.config?.mode !== "pool") return;
    const { members, policy } = after.config;
    const serving = servingOf(after).length;
    hold(serving >= Math.max(1, policy.minServing), "never fewer serve than minServing");
    hold(members.length - serving <= policy.maxOut * members.length + 1e-6, "never more are out than maxOut");
    for (const region of ["eu", "us"])
      hold(servingOf(after, region).length >= policy.minServing, "nor are there as seen from a region");
  };

/** Since when shards have said that a member should be avoided, or that it serves again, by fresh views. */
const remembered = (): ((move: Move) => { fell: Map<string, number>; serves: Map<string, number> }) => {
  const fell = new Map<string, number>();
  const serves = new Map<string, number>();
  return ({ before, after, event, setBackMs }) => {
    if (event.kind !== "views") return { fell, serves };
    const at = after.at + setBackMs;
    for (const view of event.views) {
      const name = `${view.site}/${view.target}`;
      const known = viewIn(before, name);
      if (before.members[name] === undefined || (known !== null && view.at < known.at)) continue;
      if (!isFresh(view, after.at) || view.routing === null) continue;
      const [is, isNot] = view.routing === "avoid" ? [fell, serves] : [serves, fell];
      isNot.delete(name);
      if (!is.has(name)) is.set(name, at);
    }
    return { fell, serves };
  };
};

interface PoolMove {
  move: Move;
  names: string[];
  /** Members that went out, that came back, and that are in although a fresh view says to avoid them. */
  went: string[];
  came: string[];
  stay: string[];
  out: string[];
  fell: ReadonlyMap<string, number>;
  serves: ReadonlyMap<string, number>;
  config: GroupConfig;
}

const says = (state: GroupState, name: string, routing: "serve" | "avoid"): boolean => {
  const view = viewIn(state, name);
  return isFresh(view, state.at) && view.routing === routing;
};

/** A law of moves before and after which the group is a pool. */
const ofPools =
  (law: (move: PoolMove) => void): Law =>
  () => {
    const remember = remembered();
    return (move) => {
      const { before, after } = move;
      const { fell, serves } = remember(move);
      for (const name of [...fell.keys(), ...serves.keys()])
        if (after.members[name] === undefined) [fell, serves].forEach((one) => one.delete(name));
      const { config } = after;
      if (config?.mode !== "pool" || before.config?.mode !== "pool") return;
      const names = config.members.map(({ site, target }) => `${site}/${target}`);
      const [were, are] = [servingOf(before), servingOf(after)];
      law({
        move,
        names,
        went: names.filter((name) => were.includes(name) && !are.includes(name)),
        came: names.filter((name) => before.members[name] && !were.includes(name) && are.includes(name)),
        stay: are.filter((name) => says(after, name, "avoid")),
        out: names.filter((name) => !are.includes(name)),
        fell,
        serves,
        config,
      });
    };
  };

/** Which member goes out of a pool. */
const firstFallenGoes: Law = ofPools(({ move: { after }, went, stay, fell }) => {
  if (after.frozen !== null) hold(went.length === 0, "nobody goes while frozen");
  for (const name of went) {
    hold(says(after, name, "avoid"), "nobody goes out but on a fresh word");
    for (const one of stay)
      hold((fell.get(name) ?? 0) <= (fell.get(one) ?? 0), "who fell first goes out first");
  }
});

/** Which member comes back to a pool. */
const servedLongEnough: Law = ofPools(({ move, went, came, serves, config }) => {
  const { after, event, setBackMs } = move;
  if (after.frozen !== null) hold(came.length === 0, "nobody comes back while frozen");
  for (const name of came) {
    const servesMs = after.at + setBackMs - (serves.get(name) ?? Infinity);
    hold(
      (says(after, name, "serve") && servesMs >= config.policy.holdDownMs) ||
        went.length > 0 ||
        event.kind === "configured",
      "nobody comes back before the hold-down but for another that goes",
    );
  }
});

/** A fallen member is out unless the policy has no room for one more. */
const roomIsUsed: Law = ofPools(({ move: { after }, names, stay, out, fell, serves, config }) => {
  if (after.frozen !== null || stay.length === 0) return;
  const { maxOut, minServing } = config.policy;
  const room = Math.min(Math.floor(maxOut * names.length + 1e-9), names.length - minServing);
  hold(out.length >= room, "who fell is out while there is room");
  hold(
    out.every((name) => fell.has(name) || !serves.has(name)),
    "who serves again makes room for who fell",
  );
});

/** The brakes on changes of the leader. */
const brakesHold: Law = () => {
  let changes: number[] = [];
  let isPlanned = false;
  return ({ before, after, setBackMs }) => {
    const at = after.at + setBackMs;
    const isOther = before.holder !== null && after.holder !== before.holder;
    const hasBegun = before.switching === null && after.switching !== null;
    if (isOther || hasBegun)
      hold(after.frozen === null, "the lead never goes to another, nor is to, while frozen");
    const { holdDownMs = 0, maxSwitchesPerHour = 0 } = after.config?.policy ?? {};
    // The brakes hold a planned change when it begins, and not while it is under way.
    if (hasBegun || (isOther && !isPlanned)) {
      hold(
        at - (changes.at(-1) ?? -Infinity) >= holdDownMs,
        "no second change of the leader within holdDownMs",
      );
      hold(
        changes.filter((one) => one > at - HOUR_MS).length < maxSwitchesPerHour,
        "no more changes of the leader an hour than maxSwitchesPerHour",
      );
    }
    isPlanned = after.switching !== null;
    if (isOther) changes = [...changes, at];
  };
};

const isGrant = ({ before, after }: Move): boolean =>
  after.config?.mode === "leader" && after.leader !== null && after.epoch > before.epoch;

/** Which member gets the lead. */
const onlyTheFitLead: Law = () => (move) => {
  if (!isGrant(move)) return;
  const { after, event } = move;
  const view = viewIn(after, after.leader);
  hold(isFresh(view, after.at) && after.at - view.at <= RECENT_MS, "who leads was looked at just now");
  hold(view?.alive === true, "who leads is alive to all that count");
  const { maxLag = 0, lease } = after.config?.policy ?? {};
  const positions = Object.values(after.members).flatMap((one) => one.view?.position ?? []);
  const behind = positions.length === 0 ? 0 : Math.max(...positions) - (view?.position ?? -Infinity);
  hold(behind <= maxLag, "who leads does not lag");
  if (lease === "strict")
    hold(event.kind === "lease" && event.member === after.leader, "a strict lease is given to one that asks");
};

/** Whether this move ends the earlier lease. */
const endsLease = ({ before, event }: Move): boolean =>
  event.kind === "lease-over"
    ? event.renewal === before.lease?.renewal
    : event.kind === "lease" && event.released === before.epoch && event.member === before.holder;

/** Whether advice or a request wants another member to lead. */
const isWanted = ({ before, after, lines }: Move): boolean => {
  const old = viewIn(after, before.leader);
  const isAdvised = isFresh(old, after.at) && after.at - old.at <= RECENT_MS && old.failover;
  const isPlanned = before.switching !== null || lines.some(({ kind }) => kind === "switching");
  return isAdvised || isPlanned || before.leader === null || before.lease?.isReleased === true;
};

/** Why another member gets the lead. */
const grantsHaveReason: Law = () => {
  let isOver = false;
  return (move) => {
    const { before, after } = move;
    if (endsLease(move)) isOver = true;
    const isOther = before.holder !== null && before.holder !== after.holder;
    if (isOther && before.lease?.isStrict === true)
      hold(isOver, "nobody leads before the strict lease of another is over, or released");
    else if (isOther) hold(isWanted(move), "nobody takes the place of a leader but by advice or by plan");
    if (after.lease?.renewal !== before.lease?.renewal) isOver = false;
  };
};

/** A view that says nothing, or that is too old, changes nothing for its member. */
const nothingIsNothing: Law =
  () =>
  ({ before, after, event }) => {
    const view = event.kind === "views" ? event.views[0] : undefined;
    if (view === undefined || (isFresh(view, after.at) && view.routing !== null)) return;
    const name = `${view.site}/${view.target}`;
    // A view older than the known one is ignored.
    if (view.at < (viewIn(before, name)?.at ?? -Infinity)) return;
    // The freeze may have ended just now: then the group does what was due before.
    if (before.frozen !== null && after.frozen === null) return;
    hold(servingOf(before).includes(name) === servingOf(after).includes(name), "nobody goes or comes by it");
    hold(before.leader === name || after.leader !== name, "nobody leads by it");
  };

/** A freeze, or another configuration, takes no planned change away in silence. */
const plansEndByALine: Law =
  () =>
  ({ before, after, event, lines }) => {
    if (event.kind !== "freeze" && event.kind !== "configured") return;
    if (before.switching === null || after.switching !== null) return;
    hold(
      lines.some(({ because }) => because.includes("is given up")),
      "a planned change that was taken away is a line of the history",
    );
  };

/** All laws. */
export const LAWS: readonly Law[] = [
  oneLeaderAnEpoch,
  everyLineCounts,
  enoughServe,
  firstFallenGoes,
  servedLongEnough,
  roomIsUsed,
  nothingIsNothing,
  brakesHold,
  onlyTheFitLead,
  grantsHaveReason,
  plansEndByALine,
];
