// The real API over a slow aggregator. It answers for `slow-N` after N ms, and counts the reads of each target.
import { DurableObject } from "cloudflare:workers";
import { createApp } from "../../src/api/app.ts";
import type { Bindings } from "../../src/config.ts";
import { encodeReading } from "../../src/domain/reading.ts";
import { verdictOf } from "../api/fake.ts";

export class SlowAggregator extends DurableObject {
  #asked: Record<string, number> = {};

  async read(site: string, target: string): Promise<string> {
    const sequence = (this.#asked[target] = (this.#asked[target] ?? 0) + 1);
    await scheduler.wait(Number(/^slow-(\d+)/.exec(target)?.[1] ?? "0"));
    const json = JSON.stringify(verdictOf({ site, target, sequence }));
    return encodeReading({ etag: `"${sequence}"`, rehearsal: false, json });
  }

  override async fetch(): Promise<Response> {
    return Response.json(this.#asked);
  }
}

const app = createApp({ resolveAddresses: async () => [] });

export default {
  fetch: (request, env, context) =>
    new URL(request.url).pathname === "/asked"
      ? env.AGGREGATOR.get(env.AGGREGATOR.idFromName("0")).fetch(request)
      : app.fetch(request, env, context),
} satisfies ExportedHandler<Bindings>;
