import { describe, expect, inject, test } from "vitest";
import "../probe/provided.ts";
import { FindingSchema } from "../../src/domain/observation.ts";
import { Channels } from "../../src/probe/channel.ts";
import { startProbe, type Wire } from "../../src/probe/probe.ts";
import { dial } from "../../src/vantage/dial.ts";
import { oneAtATime } from "../probe/queue.ts";

const TIMEOUT_MS = 900;

const wire = (): Wire => ({
  dial,
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  vantage: "weur",
  autopsy: oneAtATime(),
  channels: new Channels(),
  relayed: true,
});

/** The same servers as on Node, asked from workerd. */
describe("a probe by Workers", () => {
  test.each(inject("kinds"))(
    "of scheme $scheme of a server that is $of finds $finds, or $onWorkers",
    async ({ url, finds, onWorkers = finds, expect: wish, saying = "" }) => {
      const { finding } = startProbe({ url, timeoutMs: TIMEOUT_MS, expect: wish }, wire());
      const found = FindingSchema.parse(await finding);
      expect(`${found.outcome}/${found.stage}`, found.detail).toBe(onWorkers);
      expect(found.totalMs).toBeLessThan(TIMEOUT_MS + 1_500);
      if (onWorkers === finds) expect(found.detail ?? "").toContain(saying);
    },
  );
});
