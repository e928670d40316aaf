import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fillExample } from "../example.ts";
import { HaProxy, type Section } from "../programs/haproxy-process.ts";
import { placesOf, startAgent } from "../programs/haproxy.ts";
import type { World } from "../world.ts";
import type { Pairs, Witness, Witnesses } from "./witness.ts";

/** Requests a second to each frontend. */
const RATE = 50;

/** The same configuration with other ways to learn of a death. */
const HAPROXY_VARIANTS: Readonly<Record<string, (text: string) => string>> = {
  "haproxy-agent": (text) => text,
  "haproxy-agent-alone": (text) => text.replace("check inter 2s agent-check", "agent-check"),
  "haproxy-own": (text) =>
    text.replace(/default-server .*/, "default-server check").replaceAll(/ agent-send ".*"/g, ""),
};

export const haproxyWitnesses = async (world: World, pairs: Pairs): Promise<Witnesses> => {
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
      const now = (await haproxy.stats(`${name}-${site}`)).get(`${name}-${site}/primary`)?.failures ?? 0;
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
