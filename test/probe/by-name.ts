/** Probes as on Workers, against a fake peer and a fake fetch, under a clock turned by hand. */
import { type ProbeSpec, startProbe, type Wire } from "../../src/probe/probe.ts";
import { fakeDial, type FakePeer } from "./fakes.ts";
import { useHandTimers } from "./hand-timers.ts";
import { nodeWire, provenChannels } from "./wire.ts";

export const clock = useHandTimers();

export const KEY = "db.example:80";
export const throwing = (make: () => Error) => (): Promise<Response> => Promise.reject(make());
export const answering = (status: number, body: string, headers: Record<string, string>) => () =>
  Promise.resolve(new Response(body, { status, headers }));
export const MARKS = { server: "cloudflare", "cf-ray": "8f00-AMS" };

/** A probe of `http://db.example/` as on Workers, where errors have no codes. Reading its `finding` passes the time until then. */
export const probe = (
  peer: FakePeer | ((tls: boolean) => FakePeer),
  fetch: Wire["fetch"],
  extra: Partial<Wire> & Partial<ProbeSpec> = {},
) => {
  const { url = "http://db.example/", timeoutMs = 700, connectWithinMs, wasSilent, fresh, ...wire } = extra;
  const fake = fakeDial(typeof peer === "function" ? peer : () => peer);
  const running = startProbe(
    { url, timeoutMs, connectWithinMs, wasSilent, fresh },
    nodeWire({
      now: clock.now,
      dial: fake.dial,
      fetch,
      relayed: true,
      channels: provenChannels(KEY),
      ...wire,
    }),
  );
  return {
    ...running,
    ...fake,
    get finding() {
      return clock.finish(running.finding);
    },
  };
};
