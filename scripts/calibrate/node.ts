// The other side of `npm run calibrate`: one file for a host that the detector can reach, where it crashes, freezes, hangs and answers wrongly
// on command. It serves nothing else, takes commands by a key alone, and every fault ends by itself.
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeCertificate } from "../make-certificate.ts";
import { GREETING, KEY_MIN, LONGEST_MS, type Mode, MODES, type Order, PORTS, SLOW_MS } from "./order.ts";

const USAGE = `Usage: CALIBRATION_KEY=… node calibration-node.mjs [--port 8879] [--host ADDRESS]

Four ports in a row, the first of which is --port, must be reachable from outside. The key is a text of ${KEY_MIN} characters or more that
npm run calibrate is given as well; without one it makes one and prints it.
`;
const BODY_MAX = 1_024;
/** Keeps the newest faults, more than the calibration has. */
const PLACES_MAX = 64;

const fail = (problem: string): never => {
  process.stderr.write(`calibration-node: ${problem}\n\n${USAGE}`);
  process.exit(2);
};

const modes = new Map<string, { mode: Mode; until: number }>();

const modeOf = (place: string): Mode => {
  const set = modes.get(place);
  return set !== undefined && Date.now() < set.until ? set.mode : "ok";
};

const plain = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { "content-type": "text/plain" }).end(`${text}\n`);
};

/** Inside the answer's head: no client can read a status from it. */
const breakHead = (socket: Socket | null, end: (socket: Socket) => void): void => {
  if (socket !== null) socket.write("HTTP/1.1 20", () => end(socket));
};

const answer = (place: string, response: ServerResponse): void => {
  const ok = (): void => plain(response, 200, "serving");
  const deeds: Record<Mode, () => void> = {
    ok,
    error: () => plain(response, 503, "out of order"),
    slow: () => void setTimeout(ok, SLOW_MS),
    silent: () => undefined,
    reset: () => breakHead(response.socket, (socket) => socket.resetAndDestroy()),
    close: () => breakHead(response.socket, (socket) => socket.end()),
    truncated: () => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("a part", () => response.socket?.end());
    },
    // The fault of a port, not of a place.
    crashed: ok,
    frozen: ok,
  };
  deeds[modeOf(place)]();
};

const serve = (request: IncomingMessage, response: ServerResponse): void => {
  request.resume();
  response.on("error", () => undefined);
  const { pathname } = new URL(request.url ?? "/", "http://node");
  if (pathname === "/") plain(response, 200, GREETING);
  else if (pathname.startsWith("/t/")) answer(pathname.slice("/t/".length), response);
  else plain(response, 404, "there is nothing here");
};

const sockets = new Set<Socket>();
/** Resolves once it listens. */
const listen = (server: Server, port: number, host: string | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    });
    server.on("tlsClientError", () => undefined);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });

const main = async (): Promise<void> => {
  const { values } = read();
  const first = Number(values.port);
  if (!Number.isInteger(first) || first < 1 || first > 65_532)
    fail("--port must be a whole number from 1 to 65532");
  const given = process.env["CALIBRATION_KEY"];
  const key = given ?? randomBytes(16).toString("hex");
  if (key.length < KEY_MIN) fail(`CALIBRATION_KEY must have ${KEY_MIN} characters or more`);
  const { host } = values;

  const crash = new Crash(first + PORTS.crash, host);
  const freeze = await startFrozen(first + PORTS.freeze, host);
  const web = createServer((request, response) => {
    if (request.method === "POST" && request.url === "/control")
      void control(request, response, key, { crash, freeze });
    else serve(request, response);
  });
  try {
    await crash.open();
    await listen(createSecureServer(makeCertificate(), serve), first + PORTS.tls, host);
    await listen(web, first, host);
  } catch (error) {
    freeze.kill("SIGKILL");
    fail((error as Error).message);
  }
  const end = (): void => {
    freeze.kill("SIGKILL");
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
  process.on("exit", () => freeze.kill("SIGKILL"));
  console.log(`${GREETING}: listening on ports ${first} to ${first + PORTS.tls}`);
  if (given === undefined) console.log(`CALIBRATION_KEY=${key}`);
};

const read = () => {
  try {
    return parseArgs({ options: { port: { type: "string", default: "8879" }, host: { type: "string" } } });
  } catch (error) {
    return fail((error as Error).message);
  }
};

const startFrozen = async (port: number, host: string | undefined): Promise<ChildProcess> => {
  const child = fork(fileURLToPath(import.meta.url), [], {
    env: { ...process.env, CALIBRATION_CHILD: JSON.stringify({ port, host }) },
  });
  await new Promise<void>((resolve) => {
    child.once("message", () => resolve());
    child.once("exit", () => fail(`port ${port} could not be opened`));
  });
  child.removeAllListeners("exit");
  return child;
};

/** A port that is closed as by a crash, together with its connections, and opened again. */
class Crash {
  readonly #port: number;
  readonly #host: string | undefined;
  #server: Server | undefined;

  constructor(port: number, host: string | undefined) {
    this.#port = port;
    this.#host = host;
  }

  async open(): Promise<void> {
    if (this.#server !== undefined) return;
    this.#server = createServer(serve);
    await listen(this.#server, this.#port, this.#host);
  }

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
    this.#server = undefined;
  }
}

const isKey = (given: string | undefined, key: string): boolean => {
  const [left, right] = [Buffer.from(given ?? ""), Buffer.from(`Bearer ${key}`)];
  return left.length === right.length && timingSafeEqual(left, right);
};

const orderIn = (text: string): Order | string => {
  let order: Partial<Order>;
  try {
    order = JSON.parse(text) as Partial<Order>;
  } catch {
    return "the body must be JSON";
  }
  const { place, mode, forMs } = order;
  if (typeof place !== "string" || !/^[a-z0-9-]{1,63}$/.test(place)) return "place must be a name";
  if (mode === undefined || !MODES.includes(mode)) return `mode must be one of ${MODES.join(", ")}`;
  if (typeof forMs !== "number" || !(forMs >= 0 && forMs <= LONGEST_MS))
    return `forMs must be 0 to ${LONGEST_MS}`;
  if (mode === "frozen" && process.platform === "win32")
    return "mode frozen needs signals that Windows has not";
  return { place, mode, forMs };
};

let timers: Partial<Record<"crashed" | "frozen", ReturnType<typeof setTimeout>>> = {};

const obey = async (
  { place, mode, forMs }: Order,
  { crash, freeze }: { crash: Crash; freeze: ChildProcess },
): Promise<void> => {
  if (mode === "ok") {
    modes.delete(place);
    for (const timer of Object.values(timers)) clearTimeout(timer);
    timers = {};
    freeze.kill("SIGCONT");
    await crash.open();
    return;
  }
  if (mode === "crashed") {
    crash.close();
    timers.crashed = setTimeout(() => void crash.open(), forMs);
  } else if (mode === "frozen") {
    freeze.kill("SIGSTOP");
    timers.frozen = setTimeout(() => freeze.kill("SIGCONT"), forMs);
  } else {
    if (modes.size >= PLACES_MAX) modes.delete(modes.keys().next().value ?? "");
    modes.set(place, { mode, until: Date.now() + forMs });
  }
};

const control = async (
  request: IncomingMessage,
  response: ServerResponse,
  key: string,
  ports: { crash: Crash; freeze: ChildProcess },
): Promise<void> => {
  if (!isKey(request.headers.authorization, key)) return plain(response, 401, "the key is another");
  let text = "";
  for await (const bytes of request) {
    text += String(bytes);
    if (text.length > BODY_MAX) return plain(response, 413, "the body is too long");
  }
  const order = orderIn(text);
  if (typeof order === "string") return plain(response, 400, order);
  await obey(order, ports);
  plain(response, 200, "done");
};

/** A separate process: the one that is frozen. */
const CHILD = process.env["CALIBRATION_CHILD"];
if (CHILD !== undefined) {
  const { port, host } = JSON.parse(CHILD) as { port: number; host?: string };
  process.on("disconnect", () => process.exit());
  await listen(createServer(serve), port, host);
  process.send?.("listening");
} else await main();
