import { describe, expect, inject, test } from "vitest";
import "../probe/provided.ts";
import { type Finding, FindingSchema } from "../../src/domain/observation.ts";
import type { Expect } from "../../src/domain/kinds.ts";
import { Channels } from "../../src/probe/channel.ts";
import { type ProbeSpec, startProbe, type Wire } from "../../src/probe/probe.ts";
import { race } from "../../src/probe/race.ts";
import { workersDial } from "../../src/vantage/workers-dial.ts";
import { AMPLE_MS, inTime, said } from "../probe/in-time.ts";
import { oneAtATime } from "../probe/queue.ts";

const ports = inject("ports");

/** The real network by way of workerd. */
const workerWire = (overrides: Partial<Wire> = {}): Wire => ({
  dial: workersDial,
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  vantage: "weur",
  autopsy: oneAtATime(),
  channels: new Channels(),
  relayed: true,
  ...overrides,
});

const provenChannels = (key: string): Channels => {
  const channels = new Channels();
  channels.learn(key, Date.now(), { kind: "opened", tookMs: 1 });
  return channels;
};

const probe = async (base: string, behaviour: string, extra: Partial<ProbeSpec> = {}): Promise<Finding> => {
  const port = ports[behaviour] ?? 0;
  const wire = workerWire({ channels: provenChannels(`localhost:${port}`) });
  const finding = await startProbe({ url: `${base}:${port}`, timeoutMs: AMPLE_MS, ...extra }, wire).finding;
  return FindingSchema.parse(finding);
};

/** Probes in the same way where the expected finding `finds` may be a passed deadline. */
const find = async (finds: string, base: string, behaviour: string, expecting?: Expect): Promise<string> =>
  said(await inTime(finds, (timeoutMs) => probe(base, behaviour, { timeoutMs, expect: expecting })));

type Row = [behaviour: string, expected: string, expect?: Expect];

const BOTH: Row[] = [
  ["ok", "ok/done", { bodyIncludes: "all well" }],
  ["ok", "app_error/body", { bodyIncludes: "all is lost" }],
  ["empty", "ok/done"],
  ["noContent", "ok/done"],
  ["created", "ok/done"],
  ["challenge", "blocked/response"],
  ["latin1", "ok/done", { bodyIncludes: "grün" }],
  ["gzipped", "ok/done", { bodyIncludes: "all well" }],
  ["bomb", "ok/done", { bodyIncludes: "all well" }],
  ["longChunked", "ok/done", { bodyIncludes: "all well", complete: true }],
  ["stream", "ok/done", { bodyIncludes: "all well" }],
  ["http10", "ok/done", { bodyIncludes: "until the end" }],
  ["chunked", "ok/done", { bodyIncludes: "all well" }],
  ["splitCharacter", "ok/done", { bodyIncludes: "grün" }],
  ["longDeclared", "ok/done", { bodyIncludes: "all well" }],
  ["endless", "ok/done"],
  ["endless", "app_error/body", { complete: true }],
  ["redirect", "app_error/body"],
  ["redirect", "ok/done", { status: [302] }],
  ["error500", "app_error/body"],
  ["nobody", "refused/connect"],
  ["rstAfterRequest", "reset/response"],
  ["finAfterRequest", "reset/response"],
  ["halfHead", "reset/response"],
  ["truncated", "reset/body"],
  ["chunkedCut", "reset/body"],
  ["dripping", "response_timeout/body"],
  ["stalledBody", "response_timeout/body"],
  ["silent", "response_timeout/response"],
  ["drippingHead", "response_timeout/response"],
  ["frozen", "response_timeout/response"],
  ["full", "connect_timeout/connect"],
];

describe.concurrent("an HTTP probe in workerd", () => {
  test.each(BOTH)("by fetch to a node that is %s finds %s (expecting %j)", async (name, expected, wanted) => {
    expect(await find(expected, "http://localhost", name, wanted)).toBe(expected);
  });

  const SOCKET: Row[] = [
    ...BOTH,
    ["garbage", "app_error/response"],
    ["endlessHead", "app_error/response"],
    ["interim", "ok/done", { bodyIncludes: "ok" }],
  ];
  test.each(SOCKET)(
    "by socket to a node that is %s finds %s (expecting %j)",
    async (name, expected, wanted) => {
      expect(await find(expected, "http://127.0.0.1", name, wanted)).toBe(expected);
    },
  );

  test.each(["garbage", "endlessHead"])(
    "by fetch cannot tell %s from a reset, and asks once more by a connection of its own",
    async (name) => {
      const found = { outcome: "app_error", stage: "response" };
      expect(await probe("http://localhost", name)).toMatchObject(found);
      // The finding is the same where no raw connect has been tried yet.
      const spec = { url: `http://localhost:${ports[name] ?? 0}/`, timeoutMs: AMPLE_MS };
      expect(await startProbe(spec, workerWire()).finding).toMatchObject(found);
    },
  );

  test("knows an unknown name from a refusal", async () => {
    const wire = workerWire({ channels: provenChannels("no-such-host.invalid:80") });
    const spec = { url: "http://no-such-host.invalid/", timeoutMs: AMPLE_MS };
    expect(await startProbe(spec, wire).finding).toMatchObject({ outcome: "dns_failure", stage: "connect" });
  });

  test("by fetch believes a rejected connect only after one has worked in health", async ({
    expect: own,
  }) => {
    const spec = { url: `http://localhost:${ports["nobody"]}/`, timeoutMs: AMPLE_MS };
    expect(await startProbe(spec, workerWire()).finding).toMatchObject({
      outcome: "reset",
      stage: "unknown",
    });
    const channels = new Channels();
    const healthy = { ...spec, url: `http://localhost:${ports["ok"]}/` };
    // The raw connect beside fetch has only a moment and may have been too late, so each next look makes it again.
    const learn = async (): Promise<boolean> => {
      expect((await startProbe(healthy, workerWire({ channels })).finding).outcome).toBe("ok");
      return channels.proven(`localhost:${ports["ok"]}`);
    };
    await own.poll(learn, { interval: 10 }).toBe(true);
  });

  test("of 52x by Cloudflare takes its word, and one of the target's own for what it is", async () => {
    expect(await probe("http://localhost", "edge521")).toMatchObject({
      outcome: "refused",
      stage: "connect",
    });
    expect(await probe("http://localhost", "edge530")).toMatchObject({ outcome: "dns_failure" });
    expect(await probe("http://localhost", "own521")).toMatchObject({ outcome: "app_error" });
  });
});

describe.concurrent("a TLS probe in workerd", () => {
  for (const base of ["https://localhost", "https://127.0.0.1"])
    test.each<[string, string]>([
      ["tls", "tls_failure/tls"],
      ["garbage", "tls_failure/tls"],
      ["nobody", "refused/connect"],
      ["full", "connect_timeout/connect"],
    ])(`${base} to a node that is %s finds %s`, async (name, expected) => {
      expect(await find(expected, base, name)).toBe(expected);
    });

  test("left unanswered is a hang, and hung up on at once a reset", async () => {
    for (const [base, hang] of [
      ["https://localhost", "response_timeout/response"],
      ["https://127.0.0.1", "response_timeout/tls"],
    ] as const) {
      expect(await find(hang, base, "silent")).toBe(hang);
      expect((await probe(base, "finAtOnce")).outcome).toBe("reset");
    }
  });
});

describe.concurrent("a TCP probe in workerd", () => {
  test.each<Row>([
    ["silent", "ok/done"],
    ["finAtOnce", "ok/done"],
    ["nobody", "refused/connect"],
    ["full", "connect_timeout/connect"],
    ["bannerThenFin", "ok/done", { bodyIncludes: "220 mail" }],
    ["bannerThenFin", "app_error/body", { bodyIncludes: "SSH-2.0" }],
    ["echo", "ok/done", { sends: "PING\r\n", bodyIncludes: "PING" }],
    ["silent", "response_timeout/response", { sends: "PING\r\n", bodyIncludes: "PONG" }],
    ["rstAfterRequest", "reset/response", { sends: "PING\r\n", bodyIncludes: "PONG" }],
    ["finAtOnce", "reset/response", { bodyIncludes: "PONG" }],
  ])("to a node that is %s finds %s (expecting %j)", async (name, expected, wanted) => {
    expect(await find(expected, "tcp://127.0.0.1", name, wanted)).toBe(expected);
  });

  test("knows an unknown name from a refusal by asking fetch", async () => {
    const spec = { url: "tcp://no-such-host.invalid:5432", timeoutMs: AMPLE_MS };
    expect(await startProbe(spec, workerWire()).finding).toMatchObject({ outcome: "dns_failure" });
    expect(await probe("tcp://localhost", "nobody")).toMatchObject({ outcome: "refused" });
  });

  test.runIf(ports["v6"] !== undefined)("reaches IPv6 addresses", async () => {
    expect(await probe("tcp://[::1]", "v6", { expect: { bodyIncludes: "hello" } })).toMatchObject({
      outcome: "ok",
    });
  });

  test("of a port that cannot be one is blocked", async () => {
    const spec = { url: "tcp://127.0.0.1:22", timeoutMs: 1_000 };
    const wire = workerWire({ dial: (address) => workersDial({ ...address, port: 70_000 }) });
    expect(await startProbe(spec, wire).finding).toMatchObject({ outcome: "blocked", stage: "connect" });
  });
});

test("a node that accepts and resets at once is a reset, or a refusal where its RST overtakes the open", async () => {
  for (const base of ["http://localhost", "http://127.0.0.1", "tcp://127.0.0.1"]) {
    const isReset = async (): Promise<boolean> => {
      const { outcome, stage } = await probe(base, "rstAtOnce");
      return ["reset/response", "refused/connect"].includes(`${outcome}/${stage}`);
    };
    // A probe watches an open TCP connection for a moment only. A busy node may reset the connection after that.
    if (base.startsWith("tcp")) await expect.poll(isReset).toBe(true);
    else expect(await isReset()).toBe(true);
  }
});

describe.concurrent("the stage of a probe under way in workerd", () => {
  test.for([
    ["http://localhost", "silent", "response"],
    ["http://localhost", "full", "connect"],
    ["http://127.0.0.1", "silent", "response"],
    ["http://127.0.0.1", "full", "connect"],
    ["https://127.0.0.1", "silent", "tls"],
  ] as const)(
    "%s of a node that is %s is %s before it is reported pending",
    async ([base, name, stage], { expect: own }) => {
      const port = ports[name] ?? 0;
      const wire = workerWire({ channels: provenChannels(`localhost:${port}`) });
      const running = startProbe({ url: `${base}:${port}`, timeoutMs: 3_000 }, wire);
      await own.poll(() => running.stage(), { interval: 20 }).toBe(stage);
      await running.finding;
    },
  );
});

describe.concurrent("a probe in workerd of a name with several addresses", () => {
  const ADDRESSES = ["127.0.0.2", "127.0.0.1"];
  const several = (url: string, behaviour: string, extra: Partial<ProbeSpec> = {}) => {
    const port = ports[behaviour] ?? 0;
    const raced: Wire["dial"] = ({ host, port: to, tls }) =>
      race({
        resolve: () => Promise.resolve(host === "db.example" ? ADDRESSES : [host]),
        connect: (address) => workersDial({ host: address, port: to, tls }),
        atOnce: 3,
        after: (ms, task) => {
          const timer = setTimeout(task, ms);
          return () => clearTimeout(timer);
        },
      });
    const spec = { url: `${url}:${port}`, timeoutMs: AMPLE_MS, addresses: ADDRESSES, ...extra };
    // The platform's own fetch never answers here, since it might use the dead address.
    const fetch: Wire["fetch"] = () => new Promise(() => undefined);
    return startProbe(spec, workerWire({ dial: raced, fetch })).finding;
  };

  test("goes on from one that refuses to one that answers, and names both", async () => {
    for (const url of ["tcp://db.example", "http://db.example"])
      expect(await several(url, "ok")).toMatchObject({
        outcome: "ok",
        address: "127.0.0.1",
        deadAddresses: ["127.0.0.2"],
      });
  });

  test("that has none which answers finds what a look by one address does", async () => {
    expect(await several("tcp://db.example", "nobody")).toMatchObject({ outcome: "refused" });
    const hang = "response_timeout/response";
    const silent = (timeoutMs: number) => several("http://db.example", "silent", { timeoutMs });
    expect(said(await inTime(hang, silent))).toBe(hang);
  });
});

describe.concurrent("a bare TCP probe in workerd", () => {
  test.for([
    ["held", "silent", "ok"],
    ["held", "banner", "ok"],
    ["held", "finAtOnce", "app_error"],
    ["greeted", "banner", "ok"],
    ["greeted", "silent", "app_error"],
    ["greeted", "finAtOnce", "app_error"],
    ["closed", "finAtOnce", "ok"],
  ] as const)(
    "that was %s in health finds a node that is %s to be %s",
    async ([usual, name, expected], { expect: own }) => {
      const port = ports[name] ?? 0;
      const channels = new Channels();
      for (let look = 0; look < 2; look++) channels.learnManner(`127.0.0.1:${port}`, usual);
      const spec = { url: `tcp://127.0.0.1:${port}`, timeoutMs: 1_200 };
      const look = async (): Promise<string> =>
        (await startProbe(spec, workerWire({ channels })).finding).outcome;
      // On a busy machine a look may end before it has seen the behaviour, so this looks until it has.
      await own.poll(look, { interval: 10 }).toBe(expected);
    },
  );
});
