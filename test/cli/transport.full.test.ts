import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttp, type RequestListener, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/port.ts";
import { Inquiry } from "../../src/cli/shared/detector/inquiry.ts";
import { transportOn } from "../../src/cli/shared/network/node-transport.ts";
import { byFetch } from "../../src/client/transport.ts";
import { makeCertificate } from "../../scripts/make-certificate.ts";
import { verdictNow } from "./fake-detector.ts";
import { Running } from "./running.ts";

const PLACE = { site: "fra", target: "db-1" };
const DIRECT = { env: {}, execArgv: [] };

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that counts its connections. */
const serve = async (server: Server): Promise<{ port: number; connections: () => number }> => {
  let connections = 0;
  server.on("connection", () => (connections += 1));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
};

const answering: RequestListener = (request, response) => {
  if (request.url?.endsWith("/verdict")) response.end(JSON.stringify(verdictNow("fra", "db-1")));
  else response.writeHead(409).end("keep alive fra/db-1 seq=7");
};

const inquiryAt = (url: string, stop = AbortSignal.timeout(5_000)): Inquiry =>
  new Inquiry({ url, token: "local-read" }, stop);

const get = async (url: string, signal = AbortSignal.timeout(5_000)) =>
  transportOn(DIRECT)(url, { method: "GET", headers: {}, signal });

describe("two questions", () => {
  it("go over one connection", async () => {
    const { port, connections } = await serve(createHttp(answering));
    const inquiry = inquiryAt(`http://127.0.0.1:${port}`);
    expect(await inquiry.verdict(PLACE)).toMatchObject({ kind: "ok", value: { sequence: 7 } });
    expect(await inquiry.check("avoid", PLACE, {})).toMatchObject({ kind: "ok", value: { bit: false } });
    expect(connections()).toBe(1);
  });

  it("go over two where the first is not kept", async () => {
    const closing: RequestListener = (request, response) => {
      response.setHeader("Connection", "close");
      answering(request, response);
    };
    const { port, connections } = await serve(createHttp(closing));
    const inquiry = inquiryAt(`http://127.0.0.1:${port}`);
    for (let nth = 1; nth <= 3; nth++) {
      expect(await inquiry.verdict(PLACE)).toMatchObject({ kind: "ok" });
      expect(connections()).toBe(nth);
    }
  });

  it("have one deadline, which ends the second that is never answered, and one after it", async () => {
    const { port } = await serve(
      createHttp((request, response) => {
        if (request.url?.endsWith("/verdict")) answering(request, response);
      }),
    );
    const stop = new AbortController();
    const inquiry = inquiryAt(`http://127.0.0.1:${port}`, stop.signal);
    expect(await inquiry.verdict(PLACE)).toMatchObject({ kind: "ok" });
    const second = inquiry.check("avoid", PLACE, {});
    stop.abort(new Error("no time left"));
    expect(await second).toEqual({ kind: "failed", detail: "no time left" });
    expect(await inquiry.verdict(PLACE)).toEqual({ kind: "failed", detail: "no time left" });
  });

  it("fail in words: where nobody listens, where no name leads, where the answer breaks off", async () => {
    const refused = await inquiryAt(`http://127.0.0.1:${await freePort()}`).verdict(PLACE);
    expect(refused).toEqual({ kind: "failed", detail: "fetch failed: ECONNREFUSED" });
    const nameless = await inquiryAt("http://no-such-name.invalid").verdict(PLACE);
    expect(nameless).toMatchObject({ kind: "failed", detail: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) });
    const { port } = await serve(
      createHttp((request, response) => {
        response.writeHead(200, { "Content-Length": "4000" });
        response.write("{", () => request.socket.destroy());
      }),
    );
    const broken = await inquiryAt(`http://127.0.0.1:${port}`).verdict(PLACE);
    expect(broken).toEqual({ kind: "failed", detail: "terminated: ECONNRESET" });
  });
});

describe("an answer", () => {
  it.each([301, 302, 303, 307, 308])("is none with a %i, wherever that leads", async (status) => {
    let asked = 0;
    const { port } = await serve(
      createHttp((_request, response) => {
        asked += 1;
        response.writeHead(status, { Location: "/elsewhere" }).end("avoid node_dead fra/db-1 seq=42");
      }),
    );
    const called = await inquiryAt(`http://127.0.0.1:${port}`).check("avoid", PLACE, {});
    expect(called).toEqual({ kind: "failed", detail: "fetch failed: unexpected redirect" });
    expect(asked).toBe(1);
  });

  it("is none in a coding that was not asked for", async () => {
    const { port } = await serve(
      createHttp((request, response) => {
        expect(request.headers["accept-encoding"]).toBe("identity");
        response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync("{}"));
      }),
    );
    await expect(get(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
      cause: { message: "an answer in gzip, which was not asked for" },
    });
  });

  it("is read no further than it may be, whatever its length", async () => {
    const { port } = await serve(createHttp((_request, response) => void response.end("ä".repeat(400_000))));
    const answer = await get(`http://127.0.0.1:${port}`);
    const { text, isWhole } = await answer.read(10_000);
    expect(isWhole).toBe(false);
    expect(text.length).toBeLessThan(200_000);
  });

  it("has its headers by whatever case, and a path and host as asked", async () => {
    const { port } = await serve(
      createHttp((request, response) => {
        response.setHeader("Age", "7").end(`${request.headers.host} ${request.url}`);
      }),
    );
    const answer = await get(`http://localhost:${port}/a%20b?c=d`);
    expect([answer.headers.get("AGE"), answer.headers.has("etag"), answer.headers.get("etag")]).toEqual([
      "7",
      false,
      null,
    ]);
    expect(await answer.read(1_000)).toEqual({ text: `localhost:${port} /a%20b?c=d`, isWhole: true });
  });
});

describe("https", () => {
  const certificate = makeCertificate();

  it("is spoken with whoever the certificate names, by name and by address, and with nobody else", async () => {
    const folder = mkdtempSync(join(tmpdir(), "parallax-https-"));
    try {
      const { port, connections } = await serve(createHttps(certificate, answering));
      const file = join(folder, "ca.pem");
      writeFileSync(file, certificate.cert);
      const check = async (host: string, env: Record<string, string>) => {
        const url = `https://${host}:${port}`;
        const run = new Running(["check", "fra/db-1", "--url", url], { PARALLAX_TOKEN: "t", ...env });
        await run.ended;
        return run.stdout;
      };
      const trusting = { NODE_EXTRA_CA_CERTS: file };
      expect(await check("127.0.0.1", trusting)).toContain("PARALLAX OK");
      expect(connections()).toBe(1);
      expect(await check("localhost", trusting)).toContain("PARALLAX OK");
      expect(await check("127.0.0.2", trusting)).toMatch(/ECONNREFUSED|ERR_TLS_CERT_ALTNAME_INVALID/);
      expect(await check("127.0.0.1", {})).toContain("PARALLAX UNKNOWN");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is asked nothing of somebody whose certificate names another host", async () => {
    let asked = 0;
    const { port } = await serve(createHttps(certificate, () => (asked += 1)));
    await expect(get(`https://127.0.0.1:${port}`)).rejects.toMatchObject({
      cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    });
    expect(asked).toBe(0);
  });
});

describe("the way there", () => {
  it.each([
    [{ env: { NODE_USE_ENV_PROXY: "1" }, execArgv: [] }, true],
    [{ env: { NODE_OPTIONS: "--use-env-proxy" }, execArgv: [] }, true],
    [{ env: {}, execArgv: ["--use-env-proxy"] }, true],
    [{ env: { HTTPS_PROXY: "http://127.0.0.1:1" }, execArgv: [] }, false],
  ])("is by fetch, which knows proxies, where Node is told to use them: %j", (told, byProxy) => {
    expect(transportOn(told) === byFetch).toBe(byProxy);
  });
});
