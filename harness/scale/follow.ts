import type { DetectorApi } from "../../scripts/detector-api.ts";
import { Client } from "../../src/client/client.ts";
import type { TransitionData } from "../../src/domain/webhook.ts";
import { type Tail, tailOf } from "../bench/statistics.ts";
import type { Placed } from "./world.ts";

/** How soon a transition was reported for the targets that a deed hit. */
export interface Detection {
  targets: number;
  /** From the deed to the transition, in milliseconds, of those that had one in time. */
  ms: Tail;
}

/** Whether a transition is the one that is waited for. */
export type Is = (transition: TransitionData["transition"]) => boolean;

/** All transitions from now on, by one stream over all shards. */
export const follow = (api: DetectorApi) => {
  const told = new Map<string, TransitionData["transition"][]>();
  const nameOf = ({ key }: Placed): string => `${key.site}/${key.target}`;
  const leaving = new AbortController();
  let stands: () => void;
  const ready = new Promise<void>((resolve) => (stands = resolve));
  const read = async (): Promise<void> => {
    for await (const event of new Client(api.url, "local-read").events({ stop: leaving.signal })) {
      if (event.kind === "ready") stands();
      if (event.kind !== "transition") continue;
      const { site, target, transition } = event.data;
      const name = `${site}/${target}`;
      told.set(name, [...(told.get(name) ?? []), transition]);
    }
  };
  void read();
  const firstOf = (one: Placed, is: Is): number | undefined => {
    const found = told.get(nameOf(one))?.find(is);
    return found === undefined ? undefined : Date.parse(found.at);
  };
  return {
    ready,
    stop: () => leaving.abort(),
    /** How many of these have no such transition yet. */
    lacking: (all: Placed[], is: Is): number => all.filter((one) => firstOf(one, is) === undefined).length,
    detection: (all: Placed[], since: number, is: Is): Detection => ({
      targets: all.length,
      ms: tailOf(all.flatMap((one) => firstOf(one, is) ?? []).map((at) => at - since)),
    }),
    moved: (all: Placed[], since: number): number =>
      all.filter((one) => told.get(nameOf(one))?.some(({ at }) => Date.parse(at) >= since)).length,
  };
};
