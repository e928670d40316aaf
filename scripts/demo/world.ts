import type { NodeProcess } from "../../harness/nodes/process.ts";
import { LiveWorld, untilWell } from "../../harness/world/world.ts";
import type { DrillBody, Key } from "../detector-api.ts";
import { Detector, launchDev } from "../detector.ts";
import { Poller } from "../poller.ts";
import { freePort } from "../port.ts";

/** The longest there is: a step stands for as long as the reader of a tour takes. */
export const DRILL_MS = 3_600_000;
const MENDED_WITHIN_MS = 40_000;

export const KEYS = {
  db1: { site: "fra", target: "db-1" },
  db2: { site: "fra", target: "db-2" },
  web1: { site: "ams", target: "web-1" },
  web2: { site: "ams", target: "web-2" },
} as const satisfies Record<string, Key>;

type Name = keyof typeof KEYS;

/** The detector, the nodes it watches, and a poller on each node's `/failover`. */
export interface World {
  detector: Detector;
  live: LiveWorld;
  nodes: Record<Name, NodeProcess>;
  /** A second port of each node's host, in a process of its own, as a real host has its SSH port. */
  witnesses: Record<Name, NodeProcess>;
  poller: Poller;
}

const startFour = async (
  live: LiveWorld,
  settings: Parameters<LiveWorld["node"]>[0] = {},
): Promise<Record<Name, NodeProcess>> => {
  const start = (): Promise<NodeProcess> => live.node(settings);
  const [db1, db2, web1, web2] = await Promise.all([start(), start(), start(), start()]);
  return { db1, db2, web1, web2 };
};

export const startWorld = async (): Promise<World> => {
  const detector = await Detector.start(launchDev(), await freePort());
  const live = new LiveWorld(detector.api);
  live.endWith(() => detector.stop());
  const [nodes, witnesses] = await Promise.all([startFour(live), startFour(live, { protocol: "tcp" })]);
  for (const name of Object.keys(KEYS) as Name[])
    await live.watch(KEYS[name], {
      url: nodes[name].url,
      // Nobody revives what is killed here but the demo itself: failover need not wait ten seconds for that.
      policy: { restartGraceMs: 0 },
      // Without a witness a crash would never be confirmed: seen from outside alone, a refusal may come from a firewall.
      witness: witnesses[name].url,
    });
  const poller = new Poller(detector.api, [...live.keys], { verdicts: false });
  live.endWith(() => poller.stop());
  return { detector, live, nodes, witnesses, poller };
};

/** Silences by drill, since dropping packets needs root. Returns a function that ends the silence. */
export const cut = async (
  { detector }: World,
  places: Omit<DrillBody, "fault" | "durationMs">[],
): Promise<() => Promise<void>> => {
  const drills = await Promise.all(
    places.map((place) => detector.api.startDrill({ ...place, fault: "silence", durationMs: DRILL_MS })),
  );
  return async () => {
    await Promise.all(drills.map(({ id }) => detector.api.stopDrill(id)));
  };
};

/** What is not well, in words; nodes first. */
const illsOf = async ({ detector, live }: World): Promise<string> => {
  const vantages = await detector.api.vantages();
  const unsound = vantages.filter(({ state }) => state !== "sound").map(({ id, state }) => `${id} ${state}`);
  return [await live.ills(), ...unsound].filter((ills) => ills !== "").join(", ");
};

/** Waits until every node is alive and every vantage sound; `tell` hears what is not, meanwhile. */
export const allWell = (world: World, tell: (ills: string) => void = () => undefined): Promise<void> =>
  untilWell(() => illsOf(world), { withinMs: MENDED_WITHIN_MS, heard: tell });
