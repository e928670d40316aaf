import * as tls from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import fc from "fast-check";
import {
  boundedCertificate,
  type Certificate,
  CertificateSchema,
  ShownCertificateSchema,
} from "../../src/domain/certificate.ts";
import { withCertificate } from "../../src/probe/shown-certificate.ts";
import { startProbe } from "../../src/probe/probe.ts";
import { makeCertificate } from "../../scripts/make-certificate.ts";
import { AMPLE_MS } from "./in-time.ts";
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

  test("stands in the finding, be it good or not, and what is wrong with it in words", () => {
    expect(withCertificate(ok, shown(30), 14, NOW)).toEqual({ ...ok, certificate: shown(30) });
    expect(withCertificate(ok, shown(9), 14, NOW)).toEqual({
      ...ok,
      outcome: "app_error",
      stage: "tls",
      detail: "the certificate expires in 9 days, expect.certDays has 14",
      certificate: shown(9),
    });
    const failed = { ...ok, outcome: "reset", stage: "response", detail: "ECONNRESET" } as const;
    expect(withCertificate(failed, shown(1), 14, NOW)).toEqual({ ...failed, certificate: shown(1) });
  });

  test("of whatever length and time fits into the schema", () => {
    const name = fc.oneof(fc.string({ maxLength: 400 }), fc.constant("x".repeat(400)));
    fc.assert(
      fc.property(
        fc.oneof(fc.double(), fc.constantFrom(Infinity, -Infinity)).filter((at) => !Number.isNaN(at)),
        fc.array(name, { maxLength: 120 }),
        fc.array(name, { maxLength: 12 }),
        (expiresAt, names, issuers) => {
          const bounded = boundedCertificate(expiresAt, names, issuers);
          expect(CertificateSchema.parse(bounded)).toEqual(bounded);
          expect(bounded.names.length + (bounded.moreNames ?? 0)).toBe(names.length);
          const shown = { ...bounded, expiresAt: new Date(bounded.expiresAt).toISOString() };
          expect(ShownCertificateSchema.parse(shown)).toEqual(shown);
        },
      ),
    );
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
        { url: `${scheme}://localhost:${port}`, timeoutMs: AMPLE_MS, expect: { certDays } },
        nodeWire({ fetch: undefined }),
      ).finding;
    expect(await find(5)).toMatchObject({
      outcome: "ok",
      certificate: {
        expiresAt: expect.closeTo(Date.now() + 9.5 * DAY_MS, -6),
        names: ["localhost", "127.0.0.1"],
        issuers: ["localhost"],
      },
    });
    expect(await find(14)).toMatchObject({
      outcome: "app_error",
      detail: "the certificate expires in 9 days, expect.certDays has 14",
      certificate: { names: ["localhost", "127.0.0.1"] },
    });
  });

  test("is turned away for another name before anything is sent, and its certificate is shown", async () => {
    const other = tls.createServer(made).on("tlsClientError", () => undefined);
    const stopOther = track(other);
    const url = `tls://127.0.0.2:${await listen(other, "127.0.0.2")}`;
    expect(await startProbe({ url, timeoutMs: AMPLE_MS }, nodeWire()).finding).toMatchObject({
      outcome: "tls_failure",
      stage: "tls",
      detail: "ERR_TLS_CERT_ALTNAME_INVALID",
      certificate: { names: ["localhost", "127.0.0.1"] },
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
  const spec = { url: `tls://localhost:${port}`, timeoutMs: AMPLE_MS, expect: { certDays: 14 } };
  expect(await startProbe(spec, nodeWire()).finding).toMatchObject({
    outcome: "tls_failure",
    detail: "CERT_HAS_EXPIRED",
    certificate: { names: ["localhost", "127.0.0.1"], issuers: ["localhost"] },
  });
  tls.setDefaultCACertificates(before);
  await stop();
});
