import { join } from "node:path";
import type { Daemon } from "../daemon.ts";
import { fillExample } from "../example.ts";
import { addressesBy, type Gdnsd, startGdnsdExporter, startGdnsd } from "../programs/gdnsd.ts";
import type { Pair, World } from "../world.ts";
import { pairOf, type Pairs, type Witness, type Witnesses } from "./witness.ts";

/** gdnsd's own check, with its defaults. */
const ownCheck = (
  { primary, standby }: Pair,
  places: { LISTEN: string; RUN_DIR: string; STATE_DIR: string },
): string => `options => { listen => ${places.LISTEN}, run_dir => ${places.RUN_DIR}, state_dir => ${places.STATE_DIR} }
service_types => { own => { plugin => http_status, port => ${primary.port} } }
plugins => { simplefo => { service_types => own, db => { primary => ${primary.address}, secondary => ${standby.address} } } }
`;

export const gdnsdWitnesses = async (world: World, pairs: Pairs): Promise<Witnesses> => {
  const dir = join(world.dir, "times-gdnsd");
  const { file, exporter } = await startGdnsdExporter(world, await world.door("times-gdnsd"), dir);
  // Its own check takes minutes: the first death is enough to see how many.
  const [first] = pairs.keys();
  const daemons: Daemon[] = [exporter];
  const fed = new Map<string, Gdnsd>();
  const own = new Map<string, Gdnsd>();
  for (const [site, pair] of pairs) {
    const PRIMARY = pair.primary.address;
    const values = { NAME: "db", EXTFILE: file, PRIMARY, STANDBY: pair.standby.address };
    const configOf = (places: Parameters<typeof ownCheck>[1]): Promise<string> =>
      fillExample("gdnsd/config", { ...places, ...values });
    fed.set(site, await startGdnsd(join(dir, site), "simplefo", configOf));
    if (site === first)
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
