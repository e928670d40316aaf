/** What holds of all targets, in the form from which people are notified. */
import { toInstant } from "../domain/instant.ts";
import type { Scene, SeenTarget } from "../webhooks/cause.ts";
import type { ShardState, TargetState } from "../verdict/memory/judge-state.ts";
import { isFallen, isSilent } from "./fall.ts";

/** `isMuted`: whether `site/target` is muted. */
export const sceneOf = (state: ShardState, now: number, isMuted: (key: string) => boolean): Scene => {
  const silent = new Map<string, boolean>();
  const isSilentSite = (site: string): boolean => {
    const known = silent.get(site) ?? isSilent(state, site);
    silent.set(site, known);
    return known;
  };
  const seen = (key: string, { published }: TargetState): SeenTarget => {
    const [site = "", target = ""] = key.split("/");
    const { verdict, confirmed, because, since, drill, advice } = published;
    return {
      site,
      target,
      verdict,
      confirmed,
      because,
      since: toInstant(since),
      ageMs: now - since,
      routing: advice.routing,
      failover: advice.failover,
      muted: isMuted(key),
      isOfFall: isFallen(published, () => isSilentSite(site)),
      drill: drill === null ? null : { id: drill.id, live: drill.live },
    };
  };
  // An operator's override gives a verdict to a target at which no vantage looks.
  const isWatched = ({ target, published }: TargetState): boolean =>
    !target.paused || published.verdict !== "unknown";
  return {
    at: toInstant(now),
    troubled: [...state.targets].flatMap(([key, target]) =>
      isWatched(target) && target.published.verdict !== "alive" ? [seen(key, target)] : [],
    ),
    look: (key) => {
      const target = state.targets.get(key);
      return target === undefined || !isWatched(target) ? null : seen(key, target);
    },
  };
};
