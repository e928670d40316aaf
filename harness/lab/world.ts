/** The running lab: network, processes, detector, vantages, and the watch over them. */
import { fileURLToPath } from "node:url";
import { bundleWorker } from "../../scripts/bundle-worker.ts";
import { type Key, pathOf, type TargetBody } from "../../scripts/detector-api.ts";
import { Detector } from "../../scripts/detector.ts";
import type { NewVantage } from "../../src/domain/vantage.ts";
import { NodeProcess } from "../nodes/process.ts";
import { type Deployed, launchHost } from "../world/launch.ts";
import { nameOf, TIMES, untilWell } from "../world/world.ts";
import { Helper } from "./helper.ts";
import { Machine, SERVICE_PORT, WITNESS_PORT } from "./machine.ts";
import { onHost } from "./namespace.ts";
import { layOut } from "./network.ts";
import { LAB_DIR } from "./parent.ts";
import { RemoteVantage } from "./remote-vantage.ts";
import {
  addressOf,
  CONTROL_ADDRESSES,
  CORE,
  DETECTOR,
  INSIDE,
  insideOf,
  NAME_SERVER,
  nodeOf,
  REMOTE_IDS,
  REMOTES,
  type Site,
  SITES,
} from "./topology.ts";
import { Watch } from "./watch.ts";

const DETECTOR_PORT = 8787;
export const CONTROL_PORT = 9000;
export const WEB_PORT = 8081;
export const WEB_NAME = "web.ams.lab";
const HEARTBEAT_MS = 2_000;
/** Vantages that restart on a judge that has just begun need a few rounds, and the dwell after a fall is at most 30 s. */
const WELL_WITHIN_MS = 90_000;

export const key = (site: Site, target: string): Key => ({ site, target });
export const FRA_1 = key("fra", "db-1");
export const FRA_2 = key("fra", "db-2");
export const AMS_1 = key("ams", "db-1");
export const AMS_2 = key("ams", "db-2");
/** Known by name only. */
export const WEB = key("ams", "web");
export const KEYS: readonly Key[] = [FRA_1, FRA_2, AMS_1, AMS_2, WEB];
/** Only outside vantages probe these targets: no vantage inside can distinguish their death from a cut. */
const WITHOUT_INSIDE: readonly Key[] = [AMS_2, WEB];

export interface World {
  detector: Detector;
  machines: Map<string, Machine>;
  vantages: Map<string, RemoteVantage>;
  watch: Watch;
}

export const machineOf = (world: World, of: Key): Machine => {
  const machine = world.machines.get(nameOf(of));
  if (machine === undefined) throw new Error(`no machine runs ${nameOf(of)}`);
  return machine;
};

/** Creates the network and starts everything in it; calls `tell` with each next step. */
export const startWorld = async (tell: (what: string) => void): Promise<World> => {
  tell("laying out the network");
  await layOut();
  tell("starting nodes, controls and the name server");
  const machines = await startMachines();
  await startControls();
  await Helper.start(CORE, "name-server", {
    open: { address: NAME_SERVER, names: { [WEB_NAME]: addressOf(nodeOf("ams", 1)) } },
  });
  tell("starting the detector");
  const detector = await startDetector();
  tell("registering vantages and targets");
  const vantages = await startVantages(detector);
  for (const target of KEYS) await detector.api.putTarget(target, bodyOf(target, machines));
  await startHearts(detector);
  const watch = new Watch(detector.api, KEYS);
  return { detector, machines, vantages, watch };
};

const startMachines = async (): Promise<Map<string, Machine>> => {
  const machines = new Map<string, Machine>();
  for (const site of SITES)
    for (const number of [1, 2])
      machines.set(nameOf(key(site, `db-${number}`)), await Machine.start(nodeOf(site, number), site));
  machines.set(nameOf(WEB), await Machine.start(nodeOf("ams", 1), "ams", WEB_PORT, false));
  return machines;
};

export const startControls = async (): Promise<void> => {
  for (const host of CONTROL_ADDRESSES)
    await NodeProcess.startAt({ host, port: CONTROL_PORT, within: onHost(CORE) }, { protocol: "tcp" });
};

/** `altered`: how its bundle differs from the deployed one. */
export const startDetector = async (altered?: Deployed["altered"]): Promise<Detector> => {
  const bundle = await bundleDetector();
  const host = addressOf(DETECTOR);
  const launch = launchHost(bundle, {
    host,
    altered,
    vars: {
      VANTAGES: "weur",
      CONTROLS: CONTROL_ADDRESSES.map((address) => `tcp://${address}:${CONTROL_PORT}`).join(","),
    },
  });
  return Detector.start(launch, DETECTOR_PORT, { host, within: onHost(DETECTOR) });
};

/** Writes straight into the lab's own memory, which goes away however the lab ends. */
const bundleDetector = (): Promise<string> =>
  bundleWorker(fileURLToPath(new URL("../../src/index.ts", import.meta.url)), `${LAB_DIR}/index.js`);

export const startVantages = async ({ api }: Detector): Promise<Map<string, RemoteVantage>> => {
  const vantages = new Map<string, RemoteVantage>();
  for (const remote of [...REMOTES, ...INSIDE]) {
    const { status, text } = await api.ask("/v1/vantages", { method: "POST", body: remote });
    if (status !== 201) throw new Error(`registering ${remote.id}: ${status} ${text}`);
    const { token } = JSON.parse(text) as NewVantage;
    vantages.set(remote.id, await RemoteVantage.start(remote.id, api.url, token));
  }
  return vantages;
};

/** Heartbeats from each site's second node, over a link that nothing else uses. */
const startHearts = async ({ api }: Detector): Promise<void> => {
  const { site, target } = FRA_2;
  const { status, text } = await api.ask("/v1/tokens", {
    method: "POST",
    body: { scope: "notify", site, target },
  });
  if (status !== 201) throw new Error(`a token for ${nameOf(FRA_2)}: ${status} ${text}`);
  const { token } = JSON.parse(text) as { token: string };
  await Helper.start(nodeOf("fra", 2), "heart", {
    secret: { url: `${api.url}${pathOf(FRA_2)}/heartbeats`, token, bootId: "lab-1", everyMs: HEARTBEAT_MS },
  });
};

const bodyOf = (of: Key, machines: World["machines"]): TargetBody => {
  const machine = machines.get(nameOf(of));
  const address = machine?.address ?? "";
  const hasInside = !WITHOUT_INSIDE.includes(of);
  return {
    url: of === WEB ? `http://${WEB_NAME}:${WEB_PORT}` : `http://${address}:${SERVICE_PORT}`,
    ...TIMES,
    // The lab measures whether and how soon the truth is known. That failover then waits for a restart is known already.
    policy: { restartGraceMs: 0 },
    vantages: [...REMOTE_IDS, ...(hasInside ? [insideOf(of.site as Site)] : [])],
    ...(machine?.witness === undefined ? {} : { witness: `tcp://${address}:${WITNESS_PORT}` }),
  };
};

/**
 * Creates targets anew, with an empty past: a target that fell often lately is called alive again only after a long while, and each
 * scenario would wait for those before it.
 */
export const renew = async ({ detector, machines, watch }: World, keys: readonly Key[]): Promise<void> => {
  for (const of of keys) {
    const watched = watch.of(of);
    watched.paused = true;
    await detector.api.ask(pathOf(of), { method: "DELETE" });
    await detector.api.putTarget(of, bodyOf(of, machines));
    watched.told.length = 0;
    watched.paused = false;
  }
};

/** Whether the vantage inside its site, if one probes it, has reached it: a vantage that never did cannot show its death. */
const isSeenInside = async ({ detector }: World, of: Key): Promise<boolean> => {
  if (WITHOUT_INSIDE.includes(of)) return true;
  const { evidence } = await detector.api.verdict(of);
  return evidence.some(({ vantage, outcome }) => vantage === insideOf(of.site as Site) && outcome === "ok");
};

/** What is not well, in words; empty if every target is alive, also reached from inside, and every vantage sound. */
export const illsOf = async (world: World, sites: readonly string[] = SITES): Promise<string> => {
  const { detector, watch } = world;
  const vantages = await detector.api.vantages();
  const ill = watch.targets
    .filter(({ key: { site }, last }) => sites.includes(site) && last?.verdict !== "alive")
    .map(({ key: of, last }) => `${nameOf(of)} ${last?.verdict ?? "unread"}`);
  const unseen = [];
  for (const { key: of } of watch.targets)
    if (sites.includes(of.site) && !(await isSeenInside(world, of)))
      unseen.push(`${nameOf(of)} not reached from inside`);
  // The regional vantage has no targets, and so nothing to report.
  const unsound = vantages
    .filter(({ kind, state }) => kind === "remote" && state !== "sound")
    .map(({ id, state }) => `${id} ${state}`);
  return [...ill, ...unseen, ...unsound].join(", ");
};

/** Waits until all is well. Throws what is not after a minute and a half. */
export const allWell = (world: World, sites?: readonly string[]): Promise<void> =>
  untilWell(() => illsOf(world, sites), { withinMs: WELL_WITHIN_MS });
