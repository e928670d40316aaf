import type { Called } from "../../../client/called.ts";
import type { Client, Place } from "../../../client/client.ts";
import type { Leasing } from "../../../client/group-calls.ts";
import type { Machine } from "../../shared/process/machine.ts";
import type { Epochs } from "./epochs.ts";
import type { FenceCause } from "./fence.ts";
import type { FenceKeeper } from "./fence-keeper.ts";
import type { ClockReading } from "./held-lease.ts";

/** The values of a group's flags. */
export interface LeadFlags {
  group: string;
  onLead: string | undefined;
  onFollow: string | undefined;
  onFence: string | undefined;
  position: string | undefined;
  /** For each of the commands. */
  limitMs: number;
  /** Where the greatest epoch is kept. */
  state: string;
}

export interface LeadSettings extends LeadFlags {
  place: Place;
  /** The environment of each command, to which its own variables are added. */
  environment: NodeJS.ProcessEnv;
}

/** Everything through which a member of a group reaches the outside world. */
export interface LeadPorts extends Pick<Machine, "after" | "random" | "wall" | "log"> {
  reading: () => ClockReading;
  lease: (stop: AbortSignal) => Promise<Called<Leasing>>;
  release: (epoch: number, stop: AbortSignal) => Promise<Called<null>>;
  keeper: Pick<FenceKeeper, "hold" | "running" | "standDown"> & {
    fence: (cause: FenceCause) => Promise<void>;
  };
  epochs: Pick<Epochs, "greatest" | "spent" | "keep" | "spend" | "file">;
}

/** Commands are not given the token. */
export const environmentOf = (
  { group, place }: Pick<LeadSettings, "group" | "place">,
  { PARALLAX_TOKEN: _token, ...environment }: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv => ({
  ...environment,
  PARALLAX_GROUP: group,
  PARALLAX_MEMBER: `${place.site}/${place.target}`,
});

/** The calls of a client for one group. */
export const callsFor = (client: Client, group: string): Pick<LeadPorts, "lease" | "release"> => ({
  lease: (stop) => client.groups.lease(group, {}, { stop }),
  release: (epoch, stop) => client.groups.release(group, { released: epoch }, { stop }),
});
