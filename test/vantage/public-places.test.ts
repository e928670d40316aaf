import { env } from "cloudflare:workers";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { afterEach, describe, expect, inject, it } from "vitest";
import "../probe/provided.ts";
import type { CrewRpc, CrewOrder } from "../../src/vantage/crew.ts";
import { livePorts } from "../../src/vantage/workers-ports.ts";
import { Prober } from "../../src/vantage/prober.ts";

const NOW = { timeoutMs: 1_000, connectWithinMs: 1_000, wasSilent: false };
const CONTEXT = { waitUntil: () => undefined, passThroughOnException: () => undefined } as never;
const FOUND = { outcome: "ok", stage: "done", totalMs: 1 } as const;

/** A vantage where private places are not allowed. The test sets the name servers' answers, and reads the orders that the crews get. */
const open = (resolve: (host: string) => Promise<string[]>, changes: object = {}) => {
  const orders: CrewOrder[] = [];
  const crew: CrewRpc & Disposable = {
    probe: async (order) => {
      orders.push(order);
      return { finding: FOUND, channel: undefined, left: 0 };
    },
    [Symbol.dispose]: () => undefined,
  };
  const ports = livePorts(
    { ...env, ALLOW_PRIVATE: "false", AGGREGATOR_HINT: "weur", CONTROLS: "", ...changes } as never,
    { Prober: { crew: async () => crew, lookUp: resolve } },
  );
  const look = (url: string) => ports.start({ url, ...NOW }, "weur").finding;
  return { look, orders };
};

/** Special ranges that lead nowhere, or to no private host. */
const HARMLESS: ReadonlySet<string> = new Set([
  "unicast",
  "as112",
  "as112v6",
  "amt",
  "orchid2",
  "droneRemoteIdProtocolEntityTags",
]);
const DOCUMENTATION = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"].map(
  (block) => ipaddr.parseCIDR(block),
);
/** Whether an address may lead to a private host, by another library's lists. */
const isPrivate = (text: string): boolean => {
  const address = ipaddr.process(text);
  const isDocumentation = DOCUMENTATION.some(
    ([base, bits]) => base.kind() === address.kind() && address.match(base as never, bits),
  );
  return !HARMLESS.has(address.range()) && !isDocumentation;
};

const octets = (head: number[]) =>
  fc
    .array(fc.integer({ min: 0, max: 255 }), { minLength: 4 - head.length, maxLength: 4 - head.length })
    .map((rest) => [...head, ...rest].join("."));
const V4 = fc.oneof(
  ...[[10], [127], [169, 254], [192, 168], [172, 16], [172, 31], [100, 64], [0], [224], [255]].map(octets),
);
const V6 = fc.oneof(
  V4.map((v4) => `::ffff:${v4}`),
  V4.map((v4) => `64:ff9b::${v4}`),
  fc.constantFrom(
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fd12:3456::7",
    "ff02::1",
    "2001::7f00:1",
    "2002:7f00:1::",
  ),
);
const PRIVATE = fc.oneof(V4, V6).filter(isPrivate);
const PUBLIC = fc.constantFrom("8.8.8.8", "1.1.1.1", "2606:4700::1111", "93.184.215.14");
/** The addresses of a name: at least one private address, anywhere among public ones. */
const LED = fc
  .tuple(fc.array(PUBLIC, { maxLength: 3 }), PRIVATE, fc.array(PUBLIC, { maxLength: 3 }))
  .map(([before, one, after]) => [...before, one, ...after]);
const SCHEME = fc.constantFrom("http", "https", "tcp", "tls", "redis", "postgres", "dns");
const urlOf = (scheme: string, host: string): string =>
  `${scheme}://${host}:8443${scheme === "dns" ? "/db.example?type=A" : ""}`;

describe("where private places are not allowed a vantage", () => {
  it("opens no connection to a name that has come to lead to one since it was put, nor to a literal address", async () => {
    let looks = 0;
    await fc.assert(
      fc.asyncProperty(LED, SCHEME, async (addresses, scheme) => {
        let told = ["93.184.215.14"];
        const { look, orders } = open(async () => told);
        // The name now leads elsewhere than when the target was put.
        told = addresses;
        const [one = ""] = addresses.filter(isPrivate);
        const found = await Promise.all([
          look(urlOf(scheme, "db.example")),
          look(urlOf(scheme, one.includes(":") ? `[${one}]` : one)),
        ]);
        looks += found.length;
        expect(orders).toEqual([]);
        for (const { outcome, detail } of found) {
          expect(outcome).toBe("blocked");
          expect(detail).toMatch(/private place.*ALLOW_PRIVATE/);
        }
      }),
      { numRuns: 1_500 },
    );
    expect(looks).toBeGreaterThanOrEqual(3_000);
  });

  it("opens none while it does not know where a name leads, and finds a name without an address to have none", async () => {
    const untold = open(() => Promise.reject(new Error("no name server")));
    expect(await untold.look("https://db.example/")).toMatchObject({
      outcome: "blocked",
      detail: expect.stringContaining("could not be looked up"),
    });
    const nameless = open(async () => []);
    expect(await nameless.look("tcp://db.example:1")).toMatchObject({
      outcome: "dns_failure",
      stage: "connect",
    });
    expect([...untold.orders, ...nameless.orders]).toEqual([]);
  });

  it("hands on the addresses that it has looked at, and trusts the deployment's own controls", async () => {
    const { look, orders } = open(async () => ["93.184.215.14"], { CONTROLS: "http://127.0.0.1:9/" });
    expect(await look("tcp://db.example:1")).toEqual(FOUND);
    expect(await look("http://127.0.0.1:9/")).toEqual(FOUND);
    expect(orders.map(({ spec }) => spec.addresses)).toEqual([["93.184.215.14"], []]);
  });
});

describe("a crew", () => {
  const { means } = Prober;
  afterEach(() => {
    Prober.means = means;
  });

  it("makes no attempt for an administrator at a name that leads to a private place by now", async () => {
    const { resolver } = Prober;
    const reached: string[] = [];
    Prober.means = () => ({
      dial: ({ host }) => {
        reached.push(host);
        throw new Error("nowhere");
      },
      fetch: (url) => {
        reached.push(url);
        return Promise.reject(new Error("nowhere"));
      },
    });
    const attempt = (told: string[], url: string) => {
      Prober.resolver = () => async () => told;
      const hosted = { ...env, ALLOW_PRIVATE: "false" };
      return new Prober(CONTEXT, hosted as never).attempt({ url, timeoutMs: 1_000, times: 1 });
    };
    try {
      await expect(attempt(["93.184.215.14", "127.0.0.1"], "https://db.example/")).rejects.toThrow("private");
      await expect(attempt(["93.184.215.14"], "tcp://10.0.0.1:1")).rejects.toThrow("private");
      expect(reached).toEqual([]);
      await attempt(["93.184.215.14"], "tcp://db.example:1");
      expect(reached).toEqual(["93.184.215.14"]);
    } finally {
      Prober.resolver = resolver;
    }
  });

  it("dials the address that was looked at, and not the name once more", async () => {
    const dialled: string[] = [];
    Prober.means = () => {
      const { dial, fetch } = means();
      return {
        dial: (address) => {
          dialled.push(address.host);
          return dial(address);
        },
        fetch,
      };
    };
    const port = inject("ports")["silent"] ?? 0;
    const crew = new Prober(CONTEXT, env as never).crew();
    const spec = { url: `tcp://db.example:${port}`, timeoutMs: 1_000, addresses: ["127.0.0.1"] };
    const { finding } = await crew.probe({ spec, vantage: "weur", channel: undefined }, () => undefined);
    expect(finding.outcome).toBe("ok");
    expect(dialled).toEqual(["127.0.0.1"]);
  });
});
