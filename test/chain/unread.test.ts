// Clients that send too much, or without the right to, over real connections. Each must be able to read why it is refused.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pathOf } from "../../scripts/detector-api.ts";
import type { Detector } from "../../scripts/detector.ts";
import { startDetector, stopDetector } from "./scene.ts";

const PATH = pathOf({ site: "fra", target: "db-1" });
const ADMIN = "local-admin";
const JSON_TYPE = "application/json";
const PART_BYTES = 16_384;
// If one answer in 50 is lost, nearly every run sees it.
const TIMES = 60;

let detector: Detector;
beforeAll(async () => {
  detector = await startDetector();
});
afterAll(() => stopDetector(detector));

interface Sent {
  bytes: number;
  /** Whether the request has a Content-Length. */
  tells: boolean;
  path?: string;
  token?: string;
  type?: string;
}

const bodyOf = (bytes: number): Buffer => Buffer.alloc(bytes, "x");

const streamOf = (body: Buffer): ReadableStream<Uint8Array> => {
  let at = 0;
  return new ReadableStream({
    pull: (controller) => {
      if (at >= body.length) controller.close();
      else controller.enqueue(body.subarray(at, (at += PART_BYTES)));
    },
  });
};

const sendByFetch = async ({ bytes, tells, path = PATH, token = ADMIN, type = JSON_TYPE }: Sent) => {
  const body = bodyOf(bytes);
  const answer = await fetch(detector.api.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": type },
    ...(tells ? { body } : { body: streamOf(body), duplex: "half" }),
  });
  await answer.text();
  return answer.status;
};

const headOf = ({ bytes, tells, path = PATH, token = ADMIN, type = JSON_TYPE }: Sent): string =>
  [
    `POST ${path} HTTP/1.1`,
    "Host: localhost",
    `Authorization: Bearer ${token}`,
    `Content-Type: ${type}`,
    tells ? `Content-Length: ${bytes}` : "Transfer-Encoding: chunked",
    "\r\n",
  ].join("\r\n");

const write = async (socket: Socket, bytes: Uint8Array | string): Promise<void> => {
  if (!socket.write(bytes)) await once(socket, "drain");
};

const writeBody = async (socket: Socket, { bytes, tells }: Sent): Promise<void> => {
  const body = bodyOf(bytes);
  for (let at = 0; at < body.length; at += PART_BYTES) {
    const part = body.subarray(at, at + PART_BYTES);
    if (!tells) await write(socket, `${part.length.toString(16)}\r\n`);
    await write(socket, part);
    if (!tells) await write(socket, "\r\n");
  }
  if (!tells) await write(socket, "0\r\n\r\n");
};

/** Sends as Python's http.client does: it writes everything before it reads a byte, twice over one connection. */
const sendBeforeReading = async (sent: Sent): Promise<number[]> => {
  const socket = connect(detector.port, "127.0.0.1").setEncoding("utf8").pause();
  const statuses: number[] = [];
  try {
    for (let turn = 0; turn < 2; turn++) {
      await write(socket, headOf(sent));
      await writeBody(socket, sent);
      let text = "";
      while (!text.includes('"errors"')) {
        const part = socket.read() as string | null;
        if (part === null) await once(socket, "readable");
        else text += part;
      }
      statuses.push(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]));
    }
  } finally {
    socket.destroy();
  }
  return statuses;
};

const refused: [status: number, what: string, sent: Omit<Sent, "bytes" | "tells">][] = [
  [401, "an unknown token", { token: "local-nobody" }],
  [403, "the wrong scope", { path: "/v1/drills", token: "local-read" }],
  [404, "a path that is not there", { path: "/v1/nothing" }],
  [405, "a method that is not allowed", {}],
  [413, "too much", { path: "/v1/drills" }],
  [415, "what is not JSON", { path: "/v1/drills", type: "text/plain" }],
];

describe.each(refused)("%i for %s", (status, _what, sent) => {
  test.for([
    [70_000, true],
    [70_000, false],
    [2_000_000, true],
    [2_000_000, false],
  ] as const)("is read by its sender each time: %i bytes, telling its length: %s", async ([bytes, tells]) => {
    const times = Math.ceil(TIMES / refused.length);
    for (let turn = 0; turn < times; turn++) {
      expect(await sendByFetch({ ...sent, bytes, tells })).toBe(status);
      expect(await sendBeforeReading({ ...sent, bytes, tells })).toEqual([status, status]);
    }
  });
});

test("who asks first whether to send is answered without having sent", async () => {
  const socket = connect(detector.port, "127.0.0.1").setEncoding("utf8");
  const sent = { bytes: 2_000_000, tells: true, path: "/v1/drills" };
  await write(socket, headOf(sent).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n"));
  let text = "";
  // Whatever the server sends before the 413, a 100 included, the client has not sent a byte of the body.
  while (!/^HTTP\/1\.1 413 .*\r\n\r\n.*"errors"/ms.test(text))
    text += String(((await once(socket, "data")) as [string])[0]);
  socket.destroy();
});

test("who never stops sending is cut off, and the detector answers on", async () => {
  const socket = connect(detector.port, "127.0.0.1").resume();
  const closed = new Promise<void>((resolve) => socket.on("error", () => {}).on("close", () => resolve()));
  const sent = { bytes: 1_000_000_000_000, tells: true, token: "local-nobody" };
  await write(socket, headOf(sent));
  const part = bodyOf(PART_BYTES);
  const sendOn = (): void => {
    while (!socket.destroyed && socket.write(part));
  };
  socket.on("drain", sendOn);
  sendOn();
  await closed;
  expect((await detector.api.ask("/healthz", { token: null })).status).toBe(200);
});
