import { join } from "node:path";
import { freePort } from "../../../scripts/port.ts";
import { resolve } from "../dns.ts";
import { exampleZone, type NameServer, startPowerDns } from "../programs/powerdns.ts";
import type { World } from "../world.ts";
import { pairOf, type Pairs, type Witness, type Witnesses } from "./witness.ts";

export const powerdnsWitnesses = async (world: World, pairs: Pairs): Promise<Witnesses> => {
  const door = await world.door("times-powerdns");
  const page = await freePort();
  const zones: Record<string, string> = {};
  for (const [site, pair] of pairs) {
    const [primary, standby] = [pair.primary.address, pair.standby.address];
    const own = `own IN LUA A "ifurlup('http://${primary}:${pair.primary.port}/', {{'${primary}'}, {'${standby}'}})"\n`;
    zones[`${site}.example`] = (await exampleZone(`${site}.example`, world, door, page, pair)) + own;
  }
  const fed = await startPowerDns(join(world.dir, "times-powerdns"), page, zones);
  // All checks of one PowerDNS share an interval, so a second PowerDNS runs with the default.
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
