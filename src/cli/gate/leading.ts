import type { Place } from "../../client/paths.ts";
import type { Greatest } from "../shared/files/greatest.ts";
import type { Inquiry } from "../shared/detector/inquiry.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { closedBy, type GateLook, nonce } from "./gate-look.ts";

/** Asks for the leader, and notes the epoch. Opens only for that member, and not in an older epoch than one seen before. */
export const lookAtLeader = async (
  inquiry: Inquiry,
  group: string,
  place: Place,
  memory: Greatest,
): Promise<GateLook> => {
  const called = await inquiry.leader(group, nonce());
  if (called.kind !== "ok") return closedBy(called);
  const { member, address, epoch } = called.value;
  const seen = memory.read();
  if (epoch < seen)
    return { kind: "closed", why: `epoch ${epoch} is older than ${seen}, which was seen before` };
  if (epoch > seen) memory.write(epoch);
  const why = `${member} leads ${group} at ${address} epoch=${epoch}`;
  return { kind: member === nameOf(place) ? "open" : "closed", why };
};
