import * as tls from "node:tls";
import { describe, expect, test } from "vitest";
import { freePort } from "../../scripts/port.ts";
import { startProbe, type Wire } from "../../src/probe/probe.ts";
import { AMPLE_MS, inTime, said } from "./in-time.ts";
import { type Row, useServers } from "./probing.ts";
import { BEHAVIOURS, startHttp, startServer } from "./servers.ts";
import { nodeWire } from "./wire.ts";

const { probe, find, certificate } = useServers();

const PROBERS = ["http://localhost", "http://127.0.0.1"] as const;

const HTTP: Row[] = [
  ["ok", "ok/done"],
  ["ok", "ok/done", { bodyIncludes: "all well" }],
  ["ok", "app_error/body", { bodyIncludes: "all is lost" }],
  ["ok", "app_error/body", { status: [201, 204] }],
  ["empty", "ok/done"],
  ["noContent", "ok/done"],
  ["challenge", "blocked/response"],
  ["gzipped", "ok/done", { bodyIncludes: "all well" }],
  ["gzipped", "app_error/body", { bodyIncludes: "all is lost" }],
  ["deflated", "ok/done", { bodyIncludes: "all well" }],
  ["bomb", "ok/done", { bodyIncludes: "all well" }],
  ["created", "ok/done"],
  ["created", "app_error/body", { status: [200] }],
  ["http10", "ok/done", { bodyIncludes: "until the end" }],
  ["interim", "ok/done", { bodyIncludes: "ok" }],
  ["chunked", "ok/done", { bodyIncludes: "all well" }],
  ["splitCharacter", "ok/done", { bodyIncludes: "grün" }],
  ["longDeclared", "ok/done", { bodyIncludes: "all well" }],
  ["longDeclared", "app_error/body", { bodyIncludes: "all is lost" }],
  ["endless", "ok/done"],
  ["endless", "ok/done", { bodyIncludes: "x" }],
  ["endless", "app_error/body", { bodyIncludes: "y" }],
  ["endless", "app_error/body", { complete: true }],
  ["longChunked", "ok/done", { bodyIncludes: "all well" }],
  ["longChunked", "ok/done", { bodyIncludes: "all well", complete: true }],
  ["stream", "ok/done", { bodyIncludes: "all well" }],
  ["stream", "response_timeout/body"],
  ["stream", "response_timeout/body", { bodyIncludes: "all well", complete: true }],
  ["latin1", "ok/done", { bodyIncludes: "grün" }],
  ["endlessHead", "app_error/response"],
  ["garbage", "app_error/response"],
  ["echo", "app_error/response"],
  ["redirect", "app_error/body"],
  ["redirect", "ok/done", { status: [302] }],
  ["error500", "app_error/body"],
  ["error500", "ok/done", { status: [500], bodyIncludes: "oops" }],
  ["own521", "app_error/body"],
  ["nobody", "refused/connect"],
  ["rstAtOnce", "reset/response"],
  ["finAtOnce", "reset/response"],
  ["rstAfterRequest", "reset/response"],
  ["finAfterRequest", "reset/response"],
  ["halfHead", "reset/response"],
  ["truncated", "reset/body"],
  ["chunkedCut", "reset/body"],
  ["rstInBody", "reset/body"],
  ["silent", "response_timeout/response"],
  ["drippingHead", "response_timeout/response"],
  ["dripping", "response_timeout/body"],
  ["dripping", "ok/done", { bodyIncludes: "..." }],
  ["stalledBody", "response_timeout/body"],
  ["frozen", "response_timeout/response"],
  ["full", "connect_timeout/connect"],
];

describe.concurrent("an HTTP probe by Node, by name (fetch) and by address (socket)", () => {
  for (const base of PROBERS)
    test.each(HTTP)(
      `${base} to a node that is %s finds %s (expecting %j)`,
      async (name, expected, wanted) => {
        expect(await find(expected, base, name, wanted)).toBe(expected);
      },
    );
});

/** The wire of a remote vantage: sockets alone, and no connection besides the probe's own. */
const SOCKETS: Partial<Wire> = {
  fetch: undefined,
  autopsy: () => {
    throw new Error("an autopsy where the stages are known");
  },
};

describe.concurrent("an HTTP probe by Node without fetch, by name", () => {
  test.each(HTTP)("to a node that is %s finds %s (expecting %j)", async (name, expected, wanted) => {
    expect(await find(expected, "http://localhost", name, wanted, SOCKETS)).toBe(expected);
  });

  test.each([
    ["tls", "tls_failure/tls"],
    ["garbage", "tls_failure/tls"],
    ["nobody", "refused/connect"],
    ["rstAtOnce", "reset/response"],
    ["finAfterRequest", "reset/response"],
    ["silent", "response_timeout/tls"],
    ["frozen", "response_timeout/tls"],
    ["full", "connect_timeout/connect"],
  ])("with TLS to a node that is %s finds %s", async (name, expected) => {
    const finding = await inTime(expected, (timeoutMs) =>
      probe("https://localhost", name, { timeoutMs }, SOCKETS),
    );
    expect(said(finding)).toBe(expected);
    if (expected.endsWith("/tls")) expect(finding.connectMs).toBeLessThanOrEqual(finding.totalMs);
  });

  test("of an unknown name finds just that", async () => {
    for (const url of ["http://no-such-host.invalid/", "https://no-such-host.invalid/"])
      expect((await startProbe({ url, timeoutMs: AMPLE_MS }, nodeWire(SOCKETS)).finding).outcome).toBe(
        "dns_failure",
      );
  });
});

describe.concurrent("what a finding says", () => {
  test("a refusal carries the time it took and the code", async () => {
    for (const base of [...PROBERS, "tcp://127.0.0.1"]) {
      const finding = await probe(base, "nobody");
      expect(finding.detail).toBe("ECONNREFUSED");
      expect(finding.connectMs).toBe(finding.totalMs);
    }
  });

  test("a wrong answer is named in words", async () => {
    for (const base of PROBERS) {
      expect((await probe(base, "error500")).detail).toBe("status 500");
      expect((await probe(base, "ok", { expect: { bodyIncludes: "lost" } })).detail).toBe(
        "body lacks the text of expect.bodyIncludes",
      );
      const endless = await probe(base, "endless", { expect: { complete: true } });
      expect(endless.detail).toBe("body has not ended after 1048576 bytes, and must by expect.complete");
      const redirect = await probe(base, "redirect");
      expect(redirect.detail).toBe("status 302 to /elsewhere, which is not followed");
      const long = await probe(base, "ok", { expect: { bodyIncludes: "y".repeat(1024) } });
      expect(long.detail?.length).toBeLessThan(200);
    }
  });

  test("an answer by Cloudflare on the target's behalf is the proxy's, since Node does not go through it", async () => {
    expect(await probe("http://localhost", "edge521")).toMatchObject({
      outcome: "refused",
      stage: "connect",
      proxied: true,
      detail: "status 521: connection refused",
    });
    expect(await probe("http://localhost", "edge530")).toMatchObject({
      outcome: "dns_failure",
      proxied: true,
    });
    expect(await probe("http://localhost", "edge521", { expect: { status: [521] } })).toMatchObject({
      outcome: "ok",
    });
  });

  test("an unknown name is a name failure, for fetch and for TCP", async () => {
    const spec = { timeoutMs: AMPLE_MS };
    for (const url of ["http://no-such-host.invalid/", "tcp://no-such-host.invalid:5432"])
      expect(await startProbe({ url, ...spec }, nodeWire()).finding).toMatchObject({
        outcome: "dns_failure",
        stage: "connect",
      });
  });

  test("what the platform will not carry is blocked, and so is a URL that is none", async () => {
    const port = await freePort();
    const urls = ["http://localhost:6000/", "gopher://localhost/", "http://localhost:99999/"];
    for (const url of urls)
      expect((await startProbe({ url, timeoutMs: 500 }, nodeWire()).finding).outcome).toBe("blocked");
    const dial = (): never => {
      throw new RangeError("bad port");
    };
    for (const scheme of ["tcp", "http", "https"]) {
      const running = startProbe(
        { url: `${scheme}://127.0.0.1:${port}`, timeoutMs: 500 },
        nodeWire({ dial }),
      );
      expect((await running.finding).outcome).toBe("blocked");
    }
  });
});

test.each(PROBERS)("%s asks with our headers and the target's, and once per connection", async (base) => {
  const seen: [string | undefined, unknown][] = [];
  const { port, stop } = await startHttp((request, response) => {
    seen.push([request.url, request.headers]);
    response.end("ok");
  });
  const spec = { url: `${base}:${port}/health?full=1`, timeoutMs: AMPLE_MS, headers: { "X-Secret": "open" } };
  expect((await startProbe(spec, nodeWire()).finding).outcome).toBe("ok");
  expect(seen).toHaveLength(1);
  expect(seen[0]?.[0]).toBe("/health?full=1");
  expect(seen[0]?.[1]).toMatchObject({
    host: `${base.slice(7)}:${port}`,
    "user-agent": "Parallax/1 (+weur)",
    "accept-encoding": "identity",
    "x-secret": "open",
    connection: "close",
  });
  await stop();
});

test("a trusted certificate makes a TLS probe ok, by fetch and by socket", async () => {
  const before = tls.getCACertificates();
  tls.setDefaultCACertificates([...before, certificate()]);
  try {
    for (const base of ["https://localhost", "https://127.0.0.1"])
      expect(await probe(base, "tls", { expect: { bodyIncludes: "all well" } })).toMatchObject({
        outcome: "ok",
        stage: "done",
      });
  } finally {
    tls.setDefaultCACertificates(before);
  }
});

test.each([...PROBERS, "tcp://127.0.0.1"])(
  "%s leaves no connection behind, however it ends",
  async (base) => {
    for (const name of ["endless", "silent", "dripping", "longDeclared", "banner"]) {
      let open = 0;
      const { port, stop } = await startServer((socket) => {
        open += 1;
        socket.on("close", () => (open -= 1));
        BEHAVIOURS[name]?.(socket);
        // A socket that is not read never learns that the other side has closed.
        socket.resume();
      });
      await startProbe({ url: `${base}:${port}`, timeoutMs: 500 }, nodeWire()).finding;
      await expect.poll(() => open).toBe(0);
      await stop();
    }
  },
);
