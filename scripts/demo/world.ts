import { NodeProcess } from "../../harness/nodes/process.ts";
import type { DrillBody, Key } from "../detector-api.ts";
import { Detector, launchDev } from "../detector.ts";
import { Poller } from "../poller.ts";
import { freePort } from "../port.ts";
import { until } from "../until.ts";

export const INTERVAL_MS = 5_000;
export const TIMEOUT_MS = 2_000;
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

export const nameOf = ({ site, target }: Key): string => `${site}/${target}`;

/** The detector, the nodes it watches, and a poller on each node's `/failover`. */
export interface World {
  detector: Detector;
  nodes: Record<Name, NodeProcess>;
  /** A second port of each node's host, in a process of its own, as a real host has its SSH port. */
  witnesses: Record<Name, NodeProcess>;
  poller: Poller;
}

const startFour = async (
  settings: Parameters<typeof NodeProcess.start>[0] = {},
): Promise<Record<Name, NodeProcess>> => {
  const start = (): Promise<NodeProcess> => NodeProcess.start(settings);
  const [db1, db2, web1, web2] = await Promise.all([start(), start(), start(), start()]);
  return { db1, db2, web1, web2 };
};

export const startWorld = async (): Promise<World> => {
  const [detector, nodes, witnesses] = await Promise.all([
    freePort().then((port) => Detector.start(launchDev(), port)),
    startFour(),
    startFour({ protocol: "tcp" }),
  ]);
  for (const name of Object.keys(KEYS) as Name[])
    await detector.api.putTarget(KEYS[name], {
      url: nodes[name].url,
      intervalMs: INTERVAL_MS,
      timeoutMs: TIMEOUT_MS,
      // Nobody revives what is killed here but the demo itself: failover need not wait ten seconds for that.
      policy: { restartGraceMs: 0 },
      // Without it a crash would never be confirmed: from outside alone a refusal may be a firewall's.
      witness: witnesses[name].url,
    });
  return {
    detector,
    nodes,
    witnesses,
    poller: new Poller(detector.api, Object.values(KEYS), { verdicts: false }),
  };
};

export const endWorld = async ({ detector, nodes, witnesses, poller }: World): Promise<void> => {
  await poller.stop();
  await Promise.all([nodes, witnesses].flatMap((all) => Object.values(all)).map((node) => node.stop()));
  await detector.stop();
};

/** Silences by drill, in the place of packets that cannot be dropped without root. Returns how to end it. */
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
const illsOf = async ({ detector }: World): Promise<string> => {
  const verdicts = await Promise.all(Object.values(KEYS).map((key) => detector.api.verdict(key)));
  const vantages = await detector.api.vantages();
  return [
    ...verdicts.filter(({ verdict }) => verdict !== "alive").map((one) => `${nameOf(one)} ${one.verdict}`),
    ...vantages.filter(({ state }) => state !== "sound").map(({ id, state }) => `${id} ${state}`),
  ].join(", ");
};

/** Waits until every node is alive and every vantage sound; `tell` hears what is not, meanwhile. */
export const allWell = async (
  world: World,
  tell: (ills: string) => void = () => undefined,
): Promise<void> => {
  let last = "";
  await until(
    async () => {
      last = await illsOf(world);
      tell(last);
      return last === "";
    },
    { withinMs: MENDED_WITHIN_MS, explain: () => `not all is well: ${last}` },
  );
};
