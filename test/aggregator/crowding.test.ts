import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkCrowding } from "../../src/aggregator/crowding.ts";
import type { TargetConfig } from "../../src/domain/target.ts";
import type { Vantage } from "../../src/domain/vantage.ts";

const ROSTER = ["wnam", "enam", "weur", "eeur", "oc"].map((id): Vantage => ({
  id,
  kind: "regional",
  region: id,
  provider: "cloudflare",
}));
type Row = Parameters<typeof checkCrowding>[0];
const row = (changes: Partial<TargetConfig> = {}): Row => ({
  site: "fra",
  config: { url: "https://api.example/a", intervalMs: 5_000, timeoutMs: 1_000, ...changes },
});
const check = (one: Row, old: Row | null, others: Row[], most: number) =>
  checkCrowding(one, old, others, ROSTER, most);

describe("one host and port", () => {
  it("is looked at as often as the deployment may, by whatever paths, schemes and sites, and no oftener", () => {
    // Five vantages look every 5 s, which is one look a second.
    const others = [row(), row({ url: "https://api.example:443/b" }), row({ url: "tls://API.example.:443" })];
    expect(check(row({ url: "tcp://api.example:443" }), null, others, 4).ok).toBe(true);
    const refused = check(row({ url: "tcp://api.example:443" }), null, others, 3);
    expect(refused).toMatchObject({
      ok: false,
      refusal: { reason: "capacity", path: "url", detail: expect.stringContaining("4.00 times a second") },
    });
  });

  it("counts witnesses as often as they are looked at, and names the field", () => {
    const others = [row(), row()];
    const mine = row({ url: "https://other.example/", witness: "tcp://api.example:443" });
    expect(check(mine, null, others, 2.25).ok).toBe(true);
    expect(check(mine, null, others, 2)).toMatchObject({ ok: false, refusal: { path: "witness" } });
  });

  it("is not another port, another host, a private place, or a target that is paused", () => {
    const others = Array.from({ length: 50 }, () => row());
    for (const changes of [
      { url: "https://api.example:8443/" },
      { url: "https://a.api.example/" },
      { url: "http://10.0.0.1/" },
      { paused: true },
    ])
      expect(check(row(changes), null, others, 2).ok, JSON.stringify(changes)).toBe(true);
    const inside = Array.from({ length: 500 }, () => row({ url: "http://127.0.0.1:9000/" }));
    expect(check(row({ url: "http://127.0.0.1:9000/" }), null, inside, 1).ok).toBe(true);
  });

  it("never has a change refused that makes it no more, however much it has become", () => {
    const others = Array.from({ length: 50 }, () => row());
    expect(check(row({ intervalMs: 10_000 }), row(), others, 2).ok).toBe(true);
    expect(check(row({ url: "https://api.example/other" }), row(), others, 2).ok).toBe(true);
    expect(check(row({ intervalMs: 5_000 }), row({ intervalMs: 10_000 }), others, 2).ok).toBe(false);
  });

  it("has never more than its bound by any row of PUTs", () => {
    const config = fc.record({
      host: fc.constantFrom("a.example", "A.example", "a.example.", "b.example"),
      port: fc.constantFrom(443, 8_443),
      intervalMs: fc.integer({ min: 5_000, max: 60_000 }),
      vantages: fc.option(
        fc.subarray(
          ROSTER.map(({ id }) => id),
          { minLength: 1 },
        ),
        { nil: undefined },
      ),
      witnessed: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(config, { maxLength: 40 }), fc.integer({ min: 1, max: 10 }), (puts, most) => {
        const taken: Row[] = [];
        for (const { host, port, intervalMs, vantages, witnessed } of puts) {
          const one = row({
            url: `https://${host}:${port}/`,
            intervalMs,
            ...(vantages === undefined ? {} : { vantages }),
            ...(witnessed ? { witness: "tcp://a.example:443" } : {}),
          });
          if (check(one, null, taken, most).ok) taken.push(one);
        }
        const sums = new Map<string, number>();
        const add = (place: string, looks: number): void =>
          void sums.set(place, (sums.get(place) ?? 0) + looks);
        for (const { config: one } of taken) {
          const looks = ((one.vantages?.length ?? ROSTER.length) * 1_000) / one.intervalMs;
          const { hostname, port } = new URL(one.url);
          add(`${hostname.replace(/\.$/, "")}:${port || 443}`, looks);
          if (one.witness !== undefined) add("a.example:443", looks / 4);
        }
        for (const looks of sums.values()) expect(looks).toBeLessThanOrEqual(most + 1e-6);
      }),
      { numRuns: 300 },
    );
  });
});
