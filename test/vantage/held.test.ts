import fc from "fast-check";
import { expect, it } from "vitest";
import { parseEndpoint } from "../../src/domain/address.ts";
import { Channels } from "../../src/probe/channel.ts";
import type { Fetch } from "../../src/probe/wire.ts";
import { startProbe } from "../../src/probe/probe.ts";
import { placesFor } from "../../src/vantage/crew.ts";
import { Places } from "../../src/vantage/places.ts";
import { dialler } from "../../src/vantage/prober.ts";
import { connectionLost, fakeDial, silentFetch } from "../probe/fakes.ts";

const NAME = "db.example";
const PEERS = ["accepts", "turnsAway", "drops", "hangsUp", "serves"] as const;
const FETCHES: Record<"answers" | "fails" | "silent", Fetch> = {
  answers: () => Promise.resolve(new Response("ok")),
  fails: () => Promise.reject(connectionLost()),
  silent: silentFetch,
};

/** Every scheme that Workers looks at by `fetch` or by raw connects. */
const look = fc.record({
  scheme: fc.constantFrom("http", "https", "tcp", "tls"),
  host: fc.constantFrom(NAME, "192.0.2.1"),
  addresses: fc.integer({ min: 0, max: 6 }),
  /** Whom each dial in turn meets, over and over. */
  peers: fc.array(fc.constantFrom(...PEERS), { minLength: 1, maxLength: 6 }),
  fetch: fc.constantFrom("answers", "fails", "silent"),
  isProven: fc.boolean(),
  fresh: fc.boolean(),
  wasSilent: fc.boolean(),
  timeoutMs: fc.constantFrom(100, 1_200),
  /** The connection may take half of the wait. */
  isHurried: fc.boolean(),
});

type Look = typeof look extends fc.Arbitrary<infer T> ? T : never;

/** The most connections that this look held at once, those given up on included, and how many it was given places for. */
const heldBy = async (made: Look): Promise<{ most: number; places: number }> => {
  const { scheme, host, fetch, isProven, fresh, wasSilent, timeoutMs, isHurried } = made;
  const connectWithinMs = isHurried ? timeoutMs / 2 : undefined;
  const endpoint = parseEndpoint(`${scheme}://${host}:443`);
  if (typeof endpoint === "string") throw new Error(endpoint);
  const count = host === NAME ? made.addresses : 0;
  const addresses = Array.from({ length: count }, (_, index) => `192.0.2.${index + 1}`);
  const channels = new Channels();
  for (let check = 0; check < (isProven ? 5 : 0); check++)
    channels.learn(`${host}:443`, Date.now(), { kind: "opened", tookMs: 1 });
  let turn = 0;
  const { dial } = fakeDial(() => made.peers[turn++ % made.peers.length] ?? "drops");
  const places = new Places();
  let most = 0;
  const counted = <T>(begun: T): T => {
    most = Math.max(most, places.held);
    return begun;
  };
  const [dialOne, fetchOne] = [places.dial(dial), places.fetch(FETCHES[fetch])];
  const { finding } = startProbe(
    { url: endpoint.href, timeoutMs, fresh, wasSilent, connectWithinMs, addresses },
    {
      dial: dialler((address) => counted(dialOne(address)), addresses, endpoint.host),
      fetch: (url, init) => counted(fetchOne(url, init)),
      now: () => Date.now(),
      vantage: "weur",
      autopsy: (task) => task(),
      channels,
      relayed: true,
    },
  );
  await finding;
  return { most, places: placesFor(endpoint, addresses) };
};

/** Looks that wait for their deadlines side by side, and no more: late timers would change what is asked beside what. */
const SIDE_BY_SIDE = 100;

it("a probe never holds more connections than it was given places for, those given up on included", async () => {
  for (let batch = 0; batch < 3; batch++) {
    const looks = fc.sample(look, SIDE_BY_SIDE);
    const held = await Promise.all(looks.map(heldBy));
    for (const [index, { most, places }] of held.entries())
      expect(most, JSON.stringify(looks[index])).toBeLessThanOrEqual(places);
  }
});
