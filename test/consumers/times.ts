/**
 * How long a program goes on with a node that has died: fed by us, and by its own health check at its
 * defaults. One run, the same deaths, and all programs look on at each of them.
 */
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../../scripts/port.ts";
import { until } from "../../scripts/until.ts";
import type { Row } from "./consumer.ts";
import type { Daemon } from "./daemon.ts";
import { resolve } from "./dns.ts";
import { fillExample } from "./example.ts";
import { addressesBy, type Gdnsd, startExporter, startGdnsd } from "./programs/gdnsd.ts";
import { HaProxy, type Section } from "./programs/haproxy-process.ts";
import { placesOf, startAgent } from "./programs/haproxy.ts";
import { exampleZone, type NameServer, startPowerDns } from "./programs/powerdns.ts";
import type { Pair, World } from "./world.ts";

const DEATHS = 3;
/** Between two deaths: longer than it takes to see one. */
const APART_MS = 5_300;
const LOOK_EVERY_MS = 50;
/** Requests a second to each frontend. */
const RATE = 50;
/** A node that nothing was sent to for so long is left. */
const QUIET_MS = 5_000;
const LONGEST_MS = 150_000;
const READY_WITHIN_MS = 40_000;

/** One program in one configuration, as it looks on at the deaths. */
interface Witness {
  name: string;
  /** Takes minutes: waited for beside other things. */
  isSlow: boolean;
  /** Whether the dead node was named, or was sent something since the last look. */
  isStillUsed: (site: string) => Promise<boolean>;
  /** What keeps asking it meanwhile. */
  load?: (site: string, stop: AbortSignal) => Promise<void>;
}

const SCHEDULED = Array.from({ length: DEATHS }, (_, index) => `timed${index + 1}`);
const NOTICED = Array.from({ length: DEATHS }, (_, index) => `noticed${index + 1}`);
const SITES = [...SCHEDULED, ...NOTICED];

type Pairs = ReadonlyMap<string, Pair>;
const pairOf = (pairs: Pairs, site: string): Pair => {
  const pair = pairs.get(site);
  if (pair === undefined) throw new Error(`no site ${site}`);
  return pair;
};

/** The same configuration with another way to know of a death. */
const HAPROXY_VARIANTS: Readonly<Record<string, (text: string) => string>> = {
  "haproxy-agent": (text) => text,
  "haproxy-agent-alone": (text) => text.replace("check inter 2s agent-check", "agent-check"),
  "haproxy-own": (text) =>
    text.replace(/default-server .*/, "default-server check").replaceAll(/ agent-send ".*"/g, ""),
};

const startHaProxy = async (world: World, pairs: Pairs): Promise<{ witnesses: Witness[]; stop: Stop }> => {
  const dir = join(world.dir, "times-haproxy");
  const { port, agent } = await startAgent(world, await world.door("times-haproxy-agent"), dir);
  const door = await world.door("times-haproxy-avoid");
  const sections: Record<string, Section> = {};
  for (const [site, pair] of pairs) {
    const places = placesOf(site, pair);
    for (const [name, change] of Object.entries(HAPROXY_VARIANTS))
      sections[`${name}-${site}`] = async (BIND) => {
        const text = change(await fillExample("haproxy/agent.cfg", { ...places, AGENT_PORT: port, BIND }));
        // The target keeps its name, the backend gets one of its own.
        return text.replaceAll(new RegExp(`(frontend|backend) ${site}$`, "gm"), `$1 ${name}-${site}`);
      };
    sections[`haproxy-avoid-${site}`] = async (BIND) => {
      const text = await fillExample("haproxy/avoid.cfg", {
        ...places,
        PARALLAX_ADDRESS: `127.0.0.1:${door.port}`,
        PARALLAX_HOST: `127.0.0.1:${door.port}`,
        READ_TOKEN: world.readToken,
        BIND,
      });
      return text.replaceAll(new RegExp(`(frontend|backend) ${site}$`, "gm"), `$1 haproxy-avoid-${site}`);
    };
  }
  const haproxy = await HaProxy.start(
    dir,
    Object.fromEntries(
      Object.entries(sections).map(([name, section]) => [
        name,
        async (bind: string) =>
          (await section(bind)).replace(/default_backend .*/, `default_backend ${name}`),
      ]),
    ),
  );
  const witnesses = [...Object.keys(HAPROXY_VARIANTS), "haproxy-avoid"].map((name) =>
    witnessOf(haproxy, name),
  );
  return {
    witnesses,
    stop: async () => {
      await Promise.all([haproxy.stop(), agent.stop()]);
    },
  };
};

const witnessOf = (haproxy: HaProxy, name: string): Witness => {
  const failures = new Map<string, number>();
  return {
    name,
    isSlow: false,
    isStillUsed: async (site) => {
      const now = (await haproxy.stats()).get(`${name}-${site}/primary`)?.failures ?? 0;
      const before = failures.get(site) ?? now;
      failures.set(site, now);
      return now > before;
    },
    load: async (site, stop) => {
      while (!stop.aborted) {
        void haproxy.ask(`${name}-${site}`);
        await wait(1_000 / RATE);
      }
    },
  };
};

type Stop = () => Promise<unknown>;

const startNames = async (world: World, pairs: Pairs): Promise<{ witnesses: Witness[]; stop: Stop }> => {
  const door = await world.door("times-powerdns");
  const page = await freePort();
  const zones: Record<string, string> = {};
  for (const [site, pair] of pairs) {
    const [primary, standby] = [pair.primary.address, pair.standby.address];
    const own = `own IN LUA A "ifurlup('http://${primary}:${pair.primary.port}/', {{'${primary}'}, {'${standby}'}})"\n`;
    zones[`${site}.example`] = (await exampleZone(`${site}.example`, world, door, page, pair)) + own;
  }
  const fed = await startPowerDns(join(world.dir, "times-powerdns"), page, zones);
  // The interval is one for all of its checks, so the default has to be another's.
  const defaults = ["--lua-health-checks-interval=5"];
  const own = await startPowerDns(join(world.dir, "times-powerdns-own"), await freePort(), zones, defaults);
  const names = (name: string, { port }: NameServer, label: string): Witness => ({
    name,
    isSlow: false,
    isStillUsed: async (site) =>
      (await resolve(port, `${label}.${site}.example`)).includes(pairOf(pairs, site).primary.address),
  });
  return {
    witnesses: [names("powerdns", fed, "www"), names("powerdns-own", own, "own")],
    stop: () => Promise.all([fed, own].map(({ daemon }) => daemon.stop())),
  };
};

/** Its own check, with nothing but its defaults. */
const ownCheck = (
  { primary, standby }: Pair,
  places: { LISTEN: string; RUN_DIR: string; STATE_DIR: string },
): string => `options => { listen => ${places.LISTEN}, run_dir => ${places.RUN_DIR}, state_dir => ${places.STATE_DIR} }
service_types => { own => { plugin => http_status, port => ${primary.port} } }
plugins => { simplefo => { service_types => own, db => { primary => ${primary.address}, secondary => ${standby.address} } } }
`;

const startFiles = async (world: World, pairs: Pairs): Promise<{ witnesses: Witness[]; stop: Stop }> => {
  const dir = join(world.dir, "times-gdnsd");
  const { file, exporter } = await startExporter(world, await world.door("times-gdnsd"), dir);
  const daemons: Daemon[] = [exporter];
  const fed = new Map<string, Gdnsd>();
  const own = new Map<string, Gdnsd>();
  for (const [site, pair] of pairs) {
    const PRIMARY = pair.primary.address;
    const values = { NAME: "db", EXTFILE: file, PRIMARY, STANDBY: pair.standby.address };
    const configOf = (places: Parameters<typeof ownCheck>[1]): Promise<string> =>
      fillExample("gdnsd/config", { ...places, ...values });
    fed.set(site, await startGdnsd(join(dir, site), "simplefo", configOf));
    // One is enough to see how long that takes.
    if (site === SCHEDULED[0])
      own.set(
        site,
        await startGdnsd(join(dir, `${site}-own`), "simplefo", async (places) => ownCheck(pair, places)),
      );
  }
  for (const { daemon } of [...fed.values(), ...own.values()]) daemons.push(daemon);
  const names = (name: string, by: Map<string, Gdnsd>, isSlow: boolean): Witness => ({
    name,
    isSlow,
    isStillUsed: async (site) => {
      const gdnsd = by.get(site);
      return gdnsd !== undefined && (await addressesBy(gdnsd)).includes(pairOf(pairs, site).primary.address);
    },
  });
  return {
    witnesses: [names("gdnsd-extfile", fed, false), names("gdnsd-own", own, true)],
    stop: () => Promise.all(daemons.map((daemon) => daemon.stop())),
  };
};

/** Until when the dead node was used, in milliseconds after its death; undefined if that never ended. */
const watchDeath = async (witness: Witness, site: string, diedAt: number): Promise<number | undefined> => {
  let last = 0;
  for (;;) {
    const at = performance.now() - diedAt;
    if (await witness.isStillUsed(site).catch(() => false)) last = at;
    if (at > last + QUIET_MS) return last;
    if (at > LONGEST_MS) return undefined;
    await wait(LOOK_EVERY_MS);
  }
};

const rowOf = (name: string, site: string, lastMs: number | undefined): Row => ({
  scenario: `times/${name}/${site}`,
  verdict: "process_crashed",
  fault: "fine",
  expected: "left",
  did: lastMs === undefined ? "stayed" : "left",
  ok: lastMs !== undefined,
  seconds: Number(((lastMs ?? LONGEST_MS) / 1_000).toFixed(2)),
  violations: 0,
  detail: "",
});

/** What the times need beside the consumers. */
export const TIMES_NEED = {
  name: "times",
  needs: { commands: { haproxy: "haproxy", pdns_server: "pdns-server pdns-backend-bind", gdnsd: "gdnsd" } },
};

/** What has been measured, and what takes longer. */
export interface Times {
  /** Resolves with all rows once the slowest has left its dead node. */
  rows: Promise<Row[]>;
  stop(): Promise<void>;
}

/** Starts everything, kills one primary after the other, and returns once all but the slow have left them. */
export const runTimes = async (world: World, tell: (what: string) => void): Promise<Times> => {
  tell("starting programs for the times");
  const made = await Promise.all(SITES.map(async (site) => [site, await world.pair(site)] as const));
  const pairs: Pairs = new Map(made);
  const groups = await Promise.all([
    startHaProxy(world, pairs),
    startNames(world, pairs),
    startFiles(world, pairs),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.allSettled(groups.map((group) => group.stop()));
  };
  try {
    const judge: Witness = {
      name: "verdict",
      isSlow: false,
      isStillUsed: async (site) => {
        const { verdict, confirmed } = await world.detector.api.verdict(pairOf(pairs, site).primary.key);
        return !(verdict === "process_crashed" && confirmed);
      },
    };
    const witnesses = [judge, ...groups.flatMap((group) => group.witnesses)];
    return { ...(await killAll(world, pairs, witnesses, tell)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const killAll = async (
  world: World,
  pairs: Pairs,
  witnesses: readonly Witness[],
  tell: (what: string) => void,
): Promise<Pick<Times, "rows">> => {
  const quick: Promise<Row>[] = [];
  const slow: Promise<Row>[] = [];
  await allNamed(pairs, witnesses);
  for (const site of SITES) {
    const { primary } = pairOf(pairs, site);
    const isNoticed = NOTICED.includes(site);
    const token = isNoticed
      ? await world.detector.api.makeToken({ scope: "notify", ...primary.key })
      : undefined;
    const stop = new AbortController();
    const loads = witnesses.flatMap(({ load }) => (load === undefined ? [] : [load(site, stop.signal)]));
    for (const witness of witnesses) await witness.isStillUsed(site);
    await wait(Math.random() * 1_000);
    tell(`kill -9 ${site}${isNoticed ? ", and its agent says so" : ""}`);
    const diedAt = performance.now();
    await primary.node.kill();
    // As `parallax agent` does the moment its child has gone.
    const notice = { kind: "crash", bootId: "one" };
    if (token !== undefined) await world.detector.api.say(primary.key, "notices", notice, token.token);
    const watch = (witness: Witness): Promise<Row> =>
      watchDeath(witness, site, diedAt).then((lastMs) => rowOf(witness.name, site, lastMs));
    const watched = witnesses.filter(({ isSlow }) => !isSlow).map(watch);
    quick.push(...watched);
    if (site === SCHEDULED[0]) slow.push(...witnesses.filter(({ isSlow }) => isSlow).map(watch));
    void Promise.all(watched).then(async () => {
      stop.abort();
      await Promise.all(loads);
    });
    await wait(APART_MS);
  }
  const done = await Promise.all(quick);
  return { rows: Promise.all(slow).then((rows) => [...done, ...rows]) };
};

/** Waits until every name server names the primaries: their first checks are over. */
const allNamed = async (pairs: Pairs, witnesses: readonly Witness[]): Promise<void> => {
  const naming = witnesses.filter(
    ({ load, name, isSlow }) => load === undefined && name !== "verdict" && !isSlow,
  );
  for (const witness of naming)
    for (const site of pairs.keys())
      await until(() => witness.isStillUsed(site), {
        withinMs: READY_WITHIN_MS,
        explain: () => `${witness.name} does not name the primary of ${site}`,
      });
};
