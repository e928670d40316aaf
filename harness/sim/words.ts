import type { Conditions } from "./condition.ts";
import { Draw, nameOf, textName } from "./draw.ts";
import type { Fault } from "./fault.ts";
import type { Layout } from "./layout.ts";
import type { Reality, Word } from "./reality.ts";

const TRAVEL_MEDIAN_MS = 60;
const TRAVEL_SIGMA = 0.4;

/** Whether what the node sends at `at` leaves its site. A filter against inbound probes lets it pass. */
const canSpeak = (conditions: Conditions, key: string, site: string, at: number): boolean => {
  const onSite = conditions.ofSite(site, at);
  if (onSite?.state === "dead" || (onSite?.state === "cut" && !onSite.wordsPass)) return false;
  const state = conditions.ofTarget(key, at)?.state;
  return state !== "dead" && state !== "crashed" && state !== "hung" && state !== "paused";
};

/** Heartbeats of the nodes and notices of their supervisors, by arrival. */
export const wordsOf = ({
  layout,
  conditions,
  faults,
  targets,
  seed,
  beginsAt,
  endsAt,
}: {
  layout: Layout;
  conditions: Conditions;
  faults: readonly Fault[];
  targets: Reality["targets"];
  seed: number;
  beginsAt: number;
  endsAt: number;
}): Word[] => {
  const words: Word[] = [];
  const say = (draw: Draw, kind: Word["kind"], key: string, sentAt: number): void => {
    words.push({
      kind,
      key,
      sentAt,
      arrivesAt: Math.round(sentAt + draw.lognormal(TRAVEL_MEDIAN_MS, TRAVEL_SIGMA)),
    });
  };
  for (const { key, site, heartbeatMs } of targets) {
    const draw = new Draw(nameOf(seed, 0x48, textName(key)));
    const everyMs = heartbeatMs === undefined ? layout.heartbeatMs : heartbeatMs;
    if (everyMs !== null)
      for (let at = beginsAt + draw.between(0, everyMs); at < endsAt; at += everyMs)
        if (canSpeak(conditions, key, site, at)) say(draw, "heartbeat", key, at);
    if (!layout.hasNotices) continue;
    for (const fault of faults) {
      if (fault.on !== "target" || fault.state !== "crashed" || fault.key !== key) continue;
      say(draw, "crash", key, fault.from + draw.between(5, 50));
      if (fault.to < endsAt) say(draw, "start", key, fault.to);
    }
  }
  return words.toSorted((a, b) => a.arrivesAt - b.arrivesAt);
};
