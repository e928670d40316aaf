import * as tls from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Certificate, withCertificate } from "../../src/probe/certificate.ts";
import { startProbe } from "../../src/probe/probe.ts";
import { makeCertificate } from "../../scripts/make-certificate.ts";
import { listen, track } from "./servers.ts";
import { nodeWire } from "./wire.ts";

const NOW = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const ok = { outcome: "ok", stage: "done", totalMs: 5 } as const;
const shown = (days: number, more: Partial<Certificate> = {}): Certificate => ({
  expiresAt: NOW + days * DAY_MS,
  names: ["db.example"],
  issuers: ["R11", "ISRG Root X1"],
  ...more,
});

describe("a certificate", () => {
  test.each<[number, number | undefined, string]>([
    [90, undefined, "ok"],
    [0.1, undefined, "ok"],
    [14, 14, "ok"],
    [13.9, 14, "app_error"],
    [-1, 14, "app_error"],
  ])("that is good for %d days more, of %s expected, makes a good answer %s", (days, certDays, outcome) => {
    expect(withCertificate(ok, shown(days), certDays, NOW).outcome).toBe(outcome);
  });

  test("is told of, with when it expires, for whom, and by whom", () => {
    expect(withCertificate(ok, shown(30), 14, NOW).detail).toBe(
      "certificate to 2026-01-31 for db.example by R11 < ISRG Root X1",
    );
    expect(withCertificate(ok, shown(9), 14, NOW)).toMatchObject({
      stage: "tls",
      detail:
        "expires in 9 days, expect.certDays has 14; certificate to 2026-01-10 for db.example by R11 < ISRG Root X1",
    });
    const failed = { ...ok, outcome: "reset", stage: "response", detail: "ECONNRESET" } as const;
    expect(withCertificate(failed, shown(1), 14, NOW)).toMatchObject({ outcome: "reset" });
    expect(withCertificate(failed, shown(1), 14, NOW).detail).toMatch(/^ECONNRESET; certificate to/);
  });

  test("however much it says fits into the evidence", () => {
    const long = Array.from({ length: 100 }, (_, index) => `${index}.${"x".repeat(60)}.example`);
    const { detail } = withCertificate(ok, shown(1, { names: long, issuers: long }), 14, NOW);
    expect(detail?.length).toBeLessThanOrEqual(200);
    expect(detail).toMatch(/for 0\.x+…, 1\.x+… and 98 more by 0\.x+… < 1\.x+…$/);
  });

  test("that is not seen is no failure, and is said where it was asked for", () => {
    expect(withCertificate(ok, undefined, undefined, NOW)).toEqual(ok);
    expect(withCertificate(ok, undefined, 14, NOW)).toEqual({
      ...ok,
      detail: "its certificate is not seen from here",
    });
  });
});

describe("a server with a certificate for nine days more", () => {
  const made = makeCertificate(9.5);
  const server = tls.createServer(made, (socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  });
  const stop = track(server);
  const before = tls.getCACertificates();
  let port = 0;
  beforeAll(async () => {
    tls.setDefaultCACertificates([...before, made.cert]);
    port = await listen(server);
  });
  afterAll(async () => {
    tls.setDefaultCACertificates(before);
    await stop();
  });

  test.each(["tls", "https"])("is well by %s, and not where fourteen are expected", async (scheme) => {
    const find = (certDays: number) =>
      startProbe(
        { url: `${scheme}://localhost:${port}`, timeoutMs: 2_000, expect: { certDays } },
        nodeWire({ fetch: undefined }),
      ).finding;
    expect(await find(5)).toMatchObject({
      outcome: "ok",
      detail: expect.stringMatching(/certificate to .* for localhost, 127\.0\.0\.1 by localhost$/),
    });
    expect(await find(14)).toMatchObject({
      outcome: "app_error",
      detail: expect.stringMatching(/^expires in 9 days, expect\.certDays has 14; certificate to/),
    });
  });

  test("is turned away for another name before anything is sent, and its certificate is shown", async () => {
    const other = tls.createServer(made).on("tlsClientError", () => undefined);
    const stopOther = track(other);
    const url = `tls://127.0.0.2:${await listen(other, "127.0.0.2")}`;
    expect(await startProbe({ url, timeoutMs: 2_000 }, nodeWire()).finding).toMatchObject({
      outcome: "tls_failure",
      stage: "tls",
      detail: expect.stringMatching(/^ERR_TLS_CERT_ALTNAME_INVALID; certificate to .* for localhost/),
    });
    await stopOther();
  });
});

test("a certificate that has expired is a failure of TLS, which is never a death, with what it says", async () => {
  const made = makeCertificate(-1);
  const server = tls.createServer(made).on("tlsClientError", () => undefined);
  const stop = track(server);
  const before = tls.getCACertificates();
  tls.setDefaultCACertificates([...before, made.cert]);
  const port = await listen(server);
  const spec = { url: `tls://localhost:${port}`, timeoutMs: 2_000, expect: { certDays: 14 } };
  expect(await startProbe(spec, nodeWire()).finding).toMatchObject({
    outcome: "tls_failure",
    detail: expect.stringMatching(/^CERT_HAS_EXPIRED; certificate to/),
  });
  tls.setDefaultCACertificates(before);
  await stop();
});
