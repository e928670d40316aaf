import fc from "fast-check";
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FindingSchema } from "../../src/domain/observation.ts";
import { startProbe } from "../../src/probe/probe.ts";
import { startServer } from "./servers.ts";
import { nodeWire } from "./wire.ts";

const TIMEOUT_MS = 250;
const unhandled: unknown[] = [];
const count = (error: unknown): void => void unhandled.push(error);
beforeAll(() => void process.on("unhandledRejection", count));
afterAll(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", count);
  expect(unhandled).toEqual([]);
});

interface Script {
  waits: boolean;
  head: string;
  parts: Uint8Array[];
  end: "fin" | "rst" | "hang";
}

const scripts: fc.Arbitrary<Script> = fc.record({
  waits: fc.boolean(),
  head: fc.constantFrom(
    "",
    "HTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n",
    "HTTP/1.1 521 \r\nServer: cloudflare\r\nCF-RAY: 1\r\n\r\nerror code: 521",
    "\x15\x03\x03\x00\x02\x02\x28",
  ),
  parts: fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 6 }),
  end: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("fin", "rst") },
    { weight: 1, arbitrary: fc.constant("hang") },
  ),
}) as fc.Arbitrary<Script>;

const play = (socket: Socket, { head, parts, end }: Script): void => {
  socket.write(head);
  for (const part of parts) socket.write(part);
  if (end === "fin") socket.end();
  if (end === "rst") socket.write("", () => socket.resetAndDestroy());
};

describe("whatever a node sends", () => {
  test.each(["http://localhost", "http://127.0.0.1", "https://127.0.0.1", "tcp://127.0.0.1"])(
    "%s comes to one of the known findings, and nothing is thrown",
    async (base) => {
      let script: Script | undefined;
      const { port, stop } = await startServer((socket) => {
        const played = script;
        if (played === undefined) return;
        if (played.waits) socket.once("data", () => play(socket, played));
        else play(socket, played);
      });
      const expecting = base.startsWith("tcp")
        ? { sends: "PING", bodyIncludes: "PONG" }
        : { bodyIncludes: "a" };
      await fc.assert(
        fc.asyncProperty(scripts, async (next) => {
          script = next;
          const finding = await startProbe(
            { url: `${base}:${port}`, timeoutMs: TIMEOUT_MS, expect: expecting },
            nodeWire(),
          ).finding;
          FindingSchema.parse(finding);
          // Only Cloudflare's own answer, which one of the heads imitates, can lead to a refusal here.
          const { outcome, proxied = false } = finding;
          const known = ["ok", "app_error", "reset", "response_timeout", "tls_failure"];
          expect(proxied ? ["refused"] : known).toContain(outcome);
        }),
        { numRuns: 60 },
      );
      await stop();
    },
    60_000,
  );
});
