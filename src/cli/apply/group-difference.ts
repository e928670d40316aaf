import type { GroupAnswer, GroupRequest } from "../../domain/group.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { type WantedChange, differing, fieldsOf } from "./difference.ts";

type Wanted = Pick<GroupRequest, "mode" | "members" | "policy">;

/** A member without an address has that of its target, which only the detector knows: the detector's value counts as wanted. */
const shapeOf = ({ mode, members, policy }: Wanted, wanted: Wanted): object => {
  const unsaid = new Set(wanted.members.filter(({ address }) => address === undefined).map(nameOf));
  const shown = members.map(({ site, target, address, priority, weight }) => {
    const name = nameOf({ site, target });
    return [name, { ...(unsaid.has(name) ? {} : { address }), priority, weight }];
  });
  return { mode, members: Object.fromEntries(shown) as object, policy };
};

const namesOf = ({ members }: Wanted): string[] => members.map(nameOf);

/** The changes that a PUT of `wanted` would make; with `current` undefined, all fields. */
export const groupChanges = (current: GroupAnswer | undefined, wanted: Wanted): WantedChange[] => {
  const to = fieldsOf(shapeOf(wanted, wanted));
  if (current === undefined) return differing(new Map(), to);
  const changes = differing(fieldsOf(shapeOf(current, wanted)), to);
  const [old, anew] = [namesOf(current), namesOf(wanted)];
  const isOnlyOrder = old.toSorted().join() === anew.toSorted().join() && old.join() !== anew.join();
  // Between members of one priority the first is preferred.
  return isOnlyOrder
    ? [...changes, { field: "members", from: old.join(", "), to: anew.join(", ") }]
    : changes;
};
