import type { Place } from "../../client/paths.ts";
import type { Greatest } from "../shared/files/greatest.ts";
import type { Inquiry } from "../shared/detector/inquiry.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { closedBy, type GateLook, nonce } from "./gate-look.ts";

/** That this is no member of the group, and who is; undefined where it is one, or where the members are not known. */
const strangerIn = async (inquiry: Inquiry, group: string, place: Place): Promise<string | undefined> => {
  const called = await inquiry.members(group);
  if (called.kind !== "ok" || called.value.includes(nameOf(place))) return undefined;
  return `${nameOf(place)} is no member of ${group}: its members are ${called.value.join(", ")}`;
};

/** A look that found another leader, or none. A mistyped member must not look like a follower. */
const notLeading = async (
  { kind, why }: GateLook,
  ...asked: Parameters<typeof strangerIn>
): Promise<GateLook> => ({ kind, why: (await strangerIn(...asked)) ?? why });

/** Asks for the leader, and notes the epoch. Opens only for that member, and not in an older epoch than one seen before. */
export const lookAtLeader = async (
  inquiry: Inquiry,
  group: string,
  place: Place,
  memory: Greatest,
): Promise<GateLook> => {
  const called = await inquiry.leader(group, nonce());
  if (called.kind === "refused" && called.status === 409)
    return notLeading(closedBy(called), inquiry, group, place);
  if (called.kind !== "ok") return closedBy(called);
  const { member, address, epoch } = called.value;
  const seen = memory.read();
  if (epoch < seen)
    return { kind: "closed", why: `epoch ${epoch} is older than ${seen}, which was seen before` };
  if (epoch > seen) memory.write(epoch);
  const why = `${member} leads ${group} at ${address} epoch=${epoch}`;
  return member === nameOf(place)
    ? { kind: "open", why }
    : notLeading({ kind: "closed", why }, inquiry, group, place);
};
