/** The running register in the lab: three members, their store, the detector, its vantages and the clients. */
import { fileURLToPath } from "node:url";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import { SERVICE_PORT, WITNESS_PORT } from "../lab/machine.ts";
import { layOut } from "../lab/network.ts";
import { addressOf, type Host, insideOf, nodeOf, REMOTE_IDS, type Site } from "../lab/topology.ts";
import { startControls, startDetector, startVantages } from "../lab/world.ts";
import { TIMES } from "../world/world.ts";
import { Clients } from "./clients.ts";
import type { Stored } from "./history.ts";
import { GROUP, keyOf, MemberHost } from "./member.ts";
import { LEASE_MS, type Member, MEMBERS } from "./plan.ts";
import { Program } from "./program.ts";
import { Recorder } from "./recorder.ts";

/** In its own namespace. */
export const STORE: Host = nodeOf("ams", 2);
const STORE_PORT = 7_000;
const STORE_PROGRAM = fileURLToPath(new URL("../lab/hosts/fenced-store.ts", import.meta.url));
/** So short that every round may change the leader. */
const HOLD_DOWN_MS = 3_000;
const MOST_SWITCHES = 60;
const LED_WITHIN_MS = 90_000;

export interface RegisterWorld {
  detector: Detector;
  members: ReadonlyMap<Member, MemberHost>;
  recorder: Recorder;
  clients: Clients;
}

const startStore = (recorder: Recorder, fences: boolean): Program =>
  new Program({
    host: STORE,
    line: [
      process.execPath,
      "--no-warnings",
      STORE_PROGRAM,
      JSON.stringify({ host: addressOf(STORE), port: STORE_PORT, fences }),
    ],
    // The store has no disk: after a restart it would have lost everything, so it is not restarted.
    againAfterMs: 86_400_000,
    heard: (word) => {
      if ("stored" in word) recorder.stored.push(word["stored"] as Stored);
    },
  });

const put = async (detector: Detector, path: string, body: unknown): Promise<void> => {
  const { status, text } = await detector.api.ask(path, { method: "PUT", body });
  if (status > 299) throw new Error(`PUT ${path}: ${status} ${text}`);
};

const startMembers = async (detector: Detector, recorder: Recorder): Promise<Map<Member, MemberHost>> => {
  const { api } = detector;
  const members = new Map<Member, MemberHost>();
  const store = `http://${addressOf(STORE)}:${STORE_PORT}`;
  for (const member of MEMBERS) {
    const { token } = await api.makeToken({ scope: "notify", ...keyOf(member) });
    members.set(member, await MemberHost.start(member, { url: api.url, token, store, recorder }));
  }
  return members;
};

const startTargets = async ({ api }: Detector): Promise<void> => {
  for (const member of MEMBERS) {
    const key = keyOf(member);
    await api.putTarget(key, {
      url: `http://${addressOf(member)}:${SERVICE_PORT}`,
      witness: `tcp://${addressOf(member)}:${WITNESS_PORT}`,
      ...TIMES,
      policy: { restartGraceMs: 0 },
      vantages: [...REMOTE_IDS, insideOf(key.site as Site)],
    });
  }
};

/** Resolves once the first writes have been acknowledged; calls `tell` with each next step. */
export const startWorld = async (
  { lease, seed, unfenced }: { lease: "advisory" | "strict"; seed: number; unfenced: boolean },
  tell: (what: string) => void,
): Promise<RegisterWorld> => {
  tell("laying out the network");
  await layOut();
  await startControls();
  const recorder = new Recorder();
  startStore(recorder, !unfenced);
  tell("starting the detector");
  const detector = await startDetector("stepped");
  tell("registering vantages, targets and the group");
  await startVantages(detector);
  await startTargets(detector);
  await put(detector, `/v1/groups/${GROUP}`, {
    mode: "leader",
    members: MEMBERS.map((member) => ({ ...keyOf(member), address: addressOf(member) })),
    policy: { lease, leaseMs: LEASE_MS, holdDownMs: HOLD_DOWN_MS, maxSwitchesPerHour: MOST_SWITCHES },
  });
  tell("starting the members");
  const members = await startMembers(detector, recorder);
  const clients = new Clients(detector.api, recorder, seed);
  const world = { detector, members, recorder, clients };
  await until(() => recorder.operations.some(({ kind, outcome }) => kind === "write" && outcome === "ok"), {
    withinMs: LED_WITHIN_MS,
    explain: () => explain(world),
  });
  return world;
};

/** The details that explain why no member leads. */
export const explain = async ({ detector, members }: RegisterWorld): Promise<string> => {
  const { text } = await detector.api
    .ask(`/v1/groups/${GROUP}`)
    .catch((error: unknown) => ({ text: String(error) }));
  const logs = [...members].map(([name, { log }]) => `${name}:\n${log.slice(-15).join("\n")}`);
  return `no write was acknowledged: ${text}\n${logs.join("\n")}\ndetector: ${detector.log.slice(-2_000)}`;
};
