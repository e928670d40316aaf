import { describe, expect, inject, test } from "vitest";
import "../probe/provided.ts";
import { FindingSchema } from "../../src/domain/observation.ts";
import { Channels } from "../../src/probe/channel.ts";
import { startProbe, type Wire } from "../../src/probe/probe.ts";
import { workersDial } from "../../src/vantage/workers-dial.ts";
import { inTime, said } from "../probe/in-time.ts";
import { oneAtATime } from "../probe/queue.ts";

const wire = (): Wire => ({
  dial: workersDial,
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  vantage: "weur",
  autopsy: oneAtATime(),
  channels: new Channels(),
  relayed: true,
});

/** The same servers as for Node, probed from workerd. */
describe("a probe by Workers", () => {
  test.each(inject("kinds"))(
    "of scheme $scheme of a server that is $of finds $finds, or $onWorkers",
    async ({ url, finds, onWorkers = finds, expect: wish, saying = "" }) => {
      const look = (timeoutMs: number) => startProbe({ url, timeoutMs, expect: wish }, wire()).finding;
      const found = FindingSchema.parse(await inTime(onWorkers, look));
      expect(said(found), found.detail).toBe(onWorkers);
      if (onWorkers === finds) expect(found.detail ?? "").toContain(saying);
    },
  );
});
