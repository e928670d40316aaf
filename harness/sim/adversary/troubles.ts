/** What can befall a world: a kind each, with words for what was drawn. */
import type { Draw } from "../draw.ts";
import type { Backend, Fault, PlaceFault, TargetFault } from "../fault.ts";
import type { Placed } from "../layout.ts";
import type { Place } from "../reality.ts";
import { worsening, WORSENING_MS } from "../scenarios/worsening.ts";
import { type Fleet, keyOf } from "./fleet.ts";

/** What a kind has to work with. */
export interface Scene {
  draw: Draw;
  fleet: Fleet;
  /** The targets that troubles of this world hit more often than others. */
  focus: Placed;
  /** Outside places. */
  places: readonly Place[];
  /** From the world's beginning to its end. */
  begin: number;
  end: number;
  /** This trouble's own span. */
  from: number;
  to: number;
}

export interface Trouble {
  words: string;
  faults: Fault[];
}

type Kind = (scene: Scene) => Trouble | null;

/** A fault's own part, without its target and its time. */
type Part<F> = F extends Fault ? Omit<F, "on" | "key" | "place" | "from" | "to"> : never;

/** Troubles seek each other: two of different places seldom have to do with one another. */
const FOCUS_SHARE = 0.6;

const anyTarget = ({ draw, fleet, focus }: Scene, among: readonly Placed[] = fleet.targets): Placed =>
  among.includes(focus) && draw.isHit(FOCUS_SHARE) ? focus : draw.pick(among);
const anyKey = (scene: Scene): string => keyOf(anyTarget(scene));
const anySite = (scene: Scene): string => anyTarget(scene).site;
const keysOf = ({ fleet }: Scene, site: string): string[] =>
  fleet.targets.filter((one) => one.site === site).map(keyOf);
const siteIn = (key: string): string => key.slice(0, key.indexOf("/"));

const onTargets = (
  { from, to }: Pick<Scene, "from" | "to">,
  keys: readonly string[],
  part: Part<TargetFault>,
): Fault[] => keys.map((key) => ({ on: "target", key, from, to, ...part }) as TargetFault);

/** One process, and so all that it serves; or one host. */
const node =
  (scope: "process" | "host", what: string, part: (scene: Scene) => Part<TargetFault>): Kind =>
  (scene) => {
    const key = anyKey(scene);
    const keys = scene.fleet.sharing.host.get(key);
    const all = (scope === "host" ? keys : undefined) ?? scene.fleet.sharing.process.get(key) ?? [key];
    return { words: `${all.join(" and ")} ${what}`, faults: onTargets(scene, all, part(scene)) };
  };

const onSite =
  (what: string, part: (scene: Scene) => object): Kind =>
  (scene) => {
    const site = anySite(scene);
    const { from, to } = scene;
    return {
      words: `site ${site} ${what}`,
      faults: [{ on: "site", site, from, to, ...part(scene) } as Fault],
    };
  };

/** Some of the paths to a site, or to one of its targets. */
const onPaths =
  (what: string, lossOf: (draw: Draw) => number): Kind =>
  (scene) => {
    const { draw, places, from, to } = scene;
    const key = anyKey(scene);
    const isWhole = draw.isHit(0.7);
    const some = draw.sample(places, 1 + Math.floor(draw.uniform() * places.length));
    const loss = lossOf(draw);
    const way = draw.pick(["both", "both", "there", "back"] as const);
    const which = isWhole ? {} : { key };
    const faults = some.map(({ id }): Fault => ({
      on: "path",
      place: id,
      site: siteIn(key),
      ...which,
      loss,
      way,
      from,
      to,
    }));
    const whom = isWhole ? siteIn(key) : key;
    return {
      words: `${some.length} of ${places.length} paths to ${whom} ${what} (${loss.toFixed(2)}, ${way})`,
      faults,
    };
  };

const onPlace =
  (what: string, part: (scene: Scene) => Part<PlaceFault>, most = 0.5): Kind =>
  (scene) => {
    const { draw, places, from, to } = scene;
    const some = draw.sample(places, 1 + Math.floor(draw.uniform() * most * places.length));
    const faults = some.map(({ id }) => ({ on: "place", place: id, from, to, ...part(scene) }) as PlaceFault);
    return { words: `${some.map(({ id }) => id).join(", ")} ${what}`, faults };
  };

const seenInside = ({ fleet }: Scene): Placed[] =>
  fleet.targets.filter(({ site }) => fleet.layout.insideOf?.includes(site) === true);

/** What the vantage inside a site loses on its own network. */
const lan: Kind = (scene) => {
  const within = seenInside(scene);
  if (within.length === 0) return null;
  const { site } = anyTarget(scene, within);
  const { draw, from, to } = scene;
  const loss = draw.pick([0.3, 0.5, 0.8, 1]);
  const fault: Fault = { on: "path", place: `in-${site}`, site, loss, way: "there", from, to };
  return { words: `in-${site} loses ${loss} of what it sends`, faults: [fault] };
};

const neverInside: Kind = (scene) => {
  const within = seenInside(scene);
  if (within.length === 0) return null;
  const target = anyTarget(scene, within);
  const { site } = target;
  const key = keyOf(target);
  const { begin: from, end: to } = scene;
  const fault: Fault = { on: "path", place: `in-${site}`, site, key, loss: 1, way: "both", from, to };
  return { words: `in-${site} has never reached ${key}`, faults: [fault] };
};

/** A firewall closes the second port, long before anything else or in the middle of it. */
const witness: Kind = (scene) => {
  const { draw, fleet, begin, end, from, to } = scene;
  const withOne = fleet.targets.filter(({ hasWitness }) => hasWitness);
  if (withOne.length === 0) return null;
  const key = keyOf(anyTarget(scene, withOne));
  const state = draw.pick(["dropped", "dropped", "rejected"] as const);
  const span = draw.isHit(0.6) ? { from: begin, to: end } : { from, to };
  return {
    words: `the witness of ${key} is ${state}${span.from === begin ? " from the beginning" : ""}`,
    faults: [{ on: "witness", key, state, ...span }],
  };
};

const FAILING: readonly Backend[] = ["refuses", "silent", "holds", "wrong"];

const mixed: Kind = (scene) => {
  const key = anyKey(scene);
  const parts = scene.draw.isHit(0.8)
    ? scene.draw.sample(FAILING, 2)
    : (["up", scene.draw.pick(FAILING)] as Backend[]);
  return {
    words: `${key} is two nodes: ${parts.join(" and ")}`,
    faults: onTargets(scene, [key], { state: "mixed", parts }),
  };
};

/** A link of a site, or of one host, gets worse over half a minute and then breaks. */
const ramp: Kind = (scene) => {
  const { draw, places, from, end } = scene;
  const key = anyKey(scene);
  const isWhole = draw.isHit(0.6);
  const faults = worsening(places, isWhole ? { site: siteIn(key) } : { site: siteIn(key), key }, from);
  const cutAt = from + WORSENING_MS;
  const to = Math.min(end, cutAt + draw.between(5_000, 60_000));
  const cut: Fault = isWhole
    ? { on: "site", site: siteIn(key), state: "cut", wordsPass: draw.isHit(0.3), from: cutAt, to }
    : { on: "target", key, state: "cut", from: cutAt, to };
  return {
    words: `the link of ${isWhole ? siteIn(key) : key} gets worse for 30 s and then breaks`,
    faults: [...faults, cut],
  };
};

/** All of a site one after another, each for a moment. */
const rolling: Kind = (scene) => {
  const { draw, from } = scene;
  const site = anySite(scene);
  const [eachMs, gapMs] = [draw.between(800, 6_000), draw.between(0, 4_000)];
  const faults = keysOf(scene, site).flatMap((key, index) => {
    const at = from + index * (eachMs + gapMs);
    return onTargets({ from: at, to: at + eachMs }, [key], { state: "crashed" });
  });
  return {
    words: `the processes of ${site} are restarted in turn, ${(eachMs / 1_000).toFixed(1)} s each`,
    faults,
  };
};

/** Hosts of a site fall within seconds of each other. */
const staggered: Kind = (scene) => {
  const { draw, from, to } = scene;
  const site = anySite(scene);
  const state = draw.pick(["cut", "cut", "dead", "crashed"] as const);
  const within = draw.between(500, 6_000);
  const faults = keysOf(scene, site).flatMap((key) =>
    onTargets({ from: from + draw.between(0, within), to }, [key], { state }),
  );
  return { words: `all of ${site} is ${state} within ${(within / 1_000).toFixed(1)} s`, faults };
};

const paused: Kind = ({ draw, from }) => {
  const to = from + draw.between(5_000, 35_000);
  return {
    words: `the collector stands still for ${((to - from) / 1_000).toFixed(0)} s`,
    faults: [{ on: "collector", state: "paused", from, to }],
  };
};

const shielded = ({ draw }: Scene) => ({ state: "shielded" as const, distance: draw.pick([0.2, 1, 1, 1]) });

export const TROUBLES: Readonly<Record<string, Kind>> = {
  crash: node("process", "crashed", () => ({ state: "crashed" })),
  death: node("host", "died", () => ({ state: "dead" })),
  "proxied-death": node("host", "died behind a proxy", () => ({ state: "dead", isProxied: true })),
  hang: node("process", "hangs", ({ draw, from }) => ({
    state: "hung",
    backlogFullAt: from + draw.pick([2_000, 20_000, 600_000]),
  })),
  gray: node("process", "answers amiss now and then", ({ draw }) => ({
    state: "gray",
    share: draw.between(0.1, 0.9),
  })),
  nameless: node("process", "has no name any more", () => ({ state: "nameless" })),
  "host-cut": node("host", "is cut off from outside", () => ({ state: "cut" })),
  reject: node("host", "is refused for from outside", shielded),
  slow: node("process", "answers slowly", ({ draw }) => ({
    state: "slow",
    answerMs: draw.pick([800, 1_500, 2_000, 3_000]),
  })),
  pause: (scene) => {
    const to = scene.from + scene.draw.between(1_500, 3_500);
    return node("process", "pauses for 2 or 3 s", () => ({ state: "paused" }))({ ...scene, to });
  },
  full: node("process", "accepts and resets", ({ draw }) => ({
    state: "full",
    share: draw.pick([0.5, 1, 1]),
  })),
  "site-cut": onSite("is cut off", ({ draw }) => ({ state: "cut", wordsPass: draw.isHit(0.3) })),
  "site-death": onSite("is dead", () => ({ state: "dead" })),
  "site-reject": onSite("is refused for from outside", shielded),
  "site-slow": onSite("is far away", ({ draw }) => ({ state: "slow", factor: draw.between(2, 12) })),
  "paths-cut": onPaths("are cut", () => 1),
  "paths-lossy": onPaths("lose", (draw) => draw.between(0.2, 0.95)),
  "place-down": onPlace("is down", () => ({ state: "down" })),
  "place-broken": onPlace("hears nothing", () => ({ state: "broken" })),
  "place-mute": onPlace("is not heard", () => ({ state: "mute" })),
  "place-lossy": onPlace("loses", ({ draw }) => ({ state: "lossy", share: draw.between(0.1, 0.9) })),
  "place-late": onPlace("reports late", ({ draw }) => ({ state: "late", byMs: draw.between(1_000, 12_000) })),
  "place-uncontrolled": onPlace("is answered by no control", () => ({ state: "uncontrolled" }), 0.2),
  lan,
  "never-inside": neverInside,
  witness,
  mixed,
  ramp,
  rolling,
  staggered,
  "collector-paused": paused,
};

/** What happens on ordinary days, and what else goes wrong is most often about: drawn more often than the rest. */
export const ORDINARY = [
  "crash",
  "death",
  "hang",
  "host-cut",
  "site-cut",
  "reject",
  "mixed",
  "ramp",
  "staggered",
];
