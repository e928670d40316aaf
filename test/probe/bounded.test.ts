import fc from "fast-check";
import { expect, it } from "vitest";
import { FindingSchema } from "../../src/domain/observation.ts";
import { type Datagrams, type OpenDatagrams } from "../../src/probe/datagrams.ts";
import { FLOOR_MS } from "../../src/probe/examiner.ts";
import { startProbe } from "../../src/probe/probe.ts";
import { PROBERS } from "../../src/probe/probers.ts";
import type { Fetch } from "../../src/probe/wire.ts";
import { connectionLost, fakeDial, internalError, silentFetch } from "./fakes.ts";
import { useHandTimers } from "./hand-timers.ts";
import { nodeWire, provenChannels } from "./wire.ts";

const PEERS = ["accepts", "turnsAway", "drops", "hangsUp", "serves"] as const;
const FETCHES: Record<string, Fetch> = {
  answers: () => Promise.resolve(new Response("ok")),
  fails: () => Promise.reject(connectionLost()),
  knowsNoName: () => Promise.reject(internalError()),
  silent: silentFetch,
  neverEnds: () => Promise.resolve(new Response(new ReadableStream())),
};
const PATHS: Record<string, string> = { dns: "/db.example?type=A" };

const never = new Promise<never>(() => undefined);
const silentLine = (): Datagrams => ({
  opened: Promise.resolve(),
  send: () => undefined,
  next: () => never,
  route: () => ({ address: undefined, dead: [] }),
  close: () => undefined,
});
const LINES: (OpenDatagrams | undefined)[] = [undefined, silentLine];

const look = fc.record({
  scheme: fc.constantFrom(...Object.keys(PROBERS)),
  host: fc.constantFrom("db.example", "192.0.2.1"),
  /** The peer of each dial in turn, over and over. */
  peers: fc.array(fc.constantFrom(...PEERS), { minLength: 1, maxLength: 4 }),
  fetch: fc.constantFrom(undefined, ...Object.keys(FETCHES)),
  /** `fetch` comes to its result after this share of the wait. */
  fetchShare: fc.constantFrom(0, 0.5, 0.9),
  line: fc.constantFrom(...LINES.keys()),
  isProven: fc.boolean(),
  fresh: fc.boolean(),
  wasSilent: fc.boolean(),
  timeoutMs: fc.constantFrom(250, 900, 5_000),
  connectShare: fc.constantFrom(1, 1 / 2, 1 / 10),
});

const clock = useHandTimers();

const afterMs =
  (ms: number, fetch: Fetch = silentFetch): Fetch =>
  async (url, init) => {
    await new Promise<void>((resolve) => void clock.after(ms, resolve));
    return fetch(url, init);
  };

it("a probe of any kind ends by its deadline, or as much later as an autopsy has at the least", () =>
  fc.assert(
    fc.asyncProperty(look, async ({ scheme, host, peers, timeoutMs, connectShare, ...made }) => {
      let turn = 0;
      const wire = nodeWire({
        now: clock.now,
        dial: fakeDial(() => peers[turn++ % peers.length] ?? "drops").dial,
        fetch:
          made.fetch === undefined ? undefined : afterMs(made.fetchShare * timeoutMs, FETCHES[made.fetch]),
        datagrams: LINES[made.line],
        relayed: true,
        ...(made.isProven ? { channels: provenChannels(`${host}:7000`) } : {}),
      });
      const url = `${scheme}://${host}:7000${PATHS[scheme] ?? ""}`;
      const begin = clock.now();
      const spec = { url, timeoutMs, connectWithinMs: connectShare * timeoutMs, ...made };
      const finding = FindingSchema.parse(
        await clock.finish(
          startProbe({ ...spec, fresh: made.fresh, wasSilent: made.wasSilent }, wire).finding,
        ),
      );
      expect(finding.outcome).not.toBe("blocked");
      expect(clock.now() - begin).toBeLessThanOrEqual(timeoutMs + FLOOR_MS);
    }),
    { numRuns: 2_000 },
  ));
