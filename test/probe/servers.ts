import { type ChildProcess, spawn } from "node:child_process";
import { createServer as createHttp, type RequestListener } from "node:http";
import { type AddressInfo, createServer, connect, type Server, type Socket } from "node:net";
import { createServer as createTls } from "node:tls";
import { deflateSync, gzipSync } from "node:zlib";
import { freePort } from "../../scripts/port.ts";
import { makeCertificate } from "../../scripts/make-certificate.ts";

/** Real listeners, one for each way a node can behave. All on loopback. */
export interface Servers {
  /** Ports by behaviour. */
  ports: Record<string, number>;
  cert: string;
  stop: () => Promise<void>;
}

const onRequest =
  (answer: (socket: Socket) => void) =>
  (socket: Socket): void => {
    socket.once("data", () => answer(socket));
  };

const says = (text: string): ((socket: Socket) => void) => onRequest((socket) => socket.end(text));

/** Writes every `everyMs` until the connection closes. */
const keepWriting = (socket: Socket, everyMs: number, text: string): void => {
  const timer = setInterval(() => socket.write(text), everyMs);
  socket.on("close", () => clearInterval(timer));
};

const flood = (socket: Socket, head: string): void => {
  const block = "x".repeat(16_384);
  const pour = (): void => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.write(head);
  socket.on("drain", pour);
  pour();
};

/** Sends a body in this coding, although the client has not asked for it. */
const answerWith = (socket: Socket, coding: string, body: Buffer): void => {
  socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`);
  socket.end(body);
};

const edgeHeaders = "Server: cloudflare\r\nCF-RAY: 8f00-AMS\r\nContent-Length: 15\r\n";

/** What a server does with each accepted connection. */
export const BEHAVIOURS: Record<string, (socket: Socket) => void> = {
  rstAtOnce: (socket) => socket.resetAndDestroy(),
  finAtOnce: (socket) => socket.end(),
  rstAfterRequest: onRequest((socket) => socket.resetAndDestroy()),
  finAfterRequest: onRequest((socket) => socket.end()),
  silent: () => undefined,
  garbage: says("SSH-2.0-OpenSSH_9.2p1 Debian\r\n\r\n"),
  halfHead: says("HTTP/1.1 200 OK\r\nContent-Le"),
  ok: says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nall well\n"),
  empty: says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
  slow: onRequest((socket) => {
    setTimeout(() => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), 900);
  }),
  http10: says("HTTP/1.0 200 OK\r\n\r\nuntil the end"),
  truncated: says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"),
  rstInBody: onRequest((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", () => socket.resetAndDestroy());
  }),
  dripping: onRequest((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    keepWriting(socket, 50, ".");
  }),
  drippingHead: onRequest((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n");
    keepWriting(socket, 50, "X-More: and more\r\n");
  }),
  stalledBody: onRequest((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")),
  endless: onRequest((socket) => flood(socket, "HTTP/1.1 200 OK\r\n\r\n")),
  longChunked: says(
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\nall well${"x".repeat(8_184)}\r\n0\r\n\r\n`,
  ),
  /** The expected word comes at once, and the answer goes on. */
  stream: onRequest((socket) =>
    socket.write(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nall well\r\n",
    ),
  ),
  latin1: onRequest((socket) => {
    socket.write(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=ISO-8859-1\r\nContent-Length: 4\r\n\r\n",
    );
    socket.end(Buffer.from("grün", "latin1"));
  }),
  challenge: says(
    "HTTP/1.1 403 Forbidden\r\nCF-Mitigated: challenge\r\nContent-Length: 20\r\n\r\nprove you are human!",
  ),
  gzipped: onRequest((socket) => answerWith(socket, "gzip", gzipSync("all well"))),
  deflated: onRequest((socket) => answerWith(socket, "deflate", deflateSync("all well"))),
  /** The word and 5 MB of zeros, compressed to 5 KB. */
  bomb: onRequest((socket) =>
    answerWith(socket, "gzip", gzipSync(Buffer.concat([Buffer.from("all well"), Buffer.alloc(5_000_000)]))),
  ),
  created: says("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
  longDeclared: onRequest((socket) =>
    flood(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nall well"),
  ),
  endlessHead: onRequest((socket) => flood(socket, "HTTP/1.1 200 OK\r\nX-Long: ")),
  redirect: says("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"),
  error500: says("HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops"),
  noContent: says("HTTP/1.1 204 No Content\r\n\r\n"),
  chunked: says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nall \r\n4\r\nwell\r\n0\r\n\r\n"),
  chunkedCut: says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nall \r\n"),
  /** The answer is cut inside of the third character of "grün". */
  splitCharacter: onRequest((socket) => {
    const bytes = Buffer.from("status: grün");
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    socket.write(Buffer.concat([Buffer.from("b\r\n"), bytes.subarray(0, 11), Buffer.from("\r\n")]), () =>
      setImmediate(() =>
        socket.end(Buffer.concat([Buffer.from("2\r\n"), bytes.subarray(11), Buffer.from("\r\n0\r\n\r\n")])),
      ),
    );
  }),
  interim: says(
    "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
  ),
  edge521: says(`HTTP/1.1 521 \r\n${edgeHeaders}\r\nerror code: 521`),
  edge530: says(`HTTP/1.1 530 \r\n${edgeHeaders.replace("15", "16")}\r\nerror code: 1016`),
  edgeOk: says(`HTTP/1.1 200 OK\r\n${edgeHeaders}\r\nI am at the edge`),
  own521: says("HTTP/1.1 521 \r\nContent-Length: 15\r\n\r\nerror code: 521"),
  banner: (socket) => socket.write("220 mail.example ESMTP\r\n"),
  bannerThenFin: (socket) => socket.end("220 mail.example ESMTP\r\n"),
  echo: (socket) => socket.pipe(socket),
};

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Ends a listener and every connection it has. */
export const track = (server: Server): (() => Promise<void>) => {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => undefined);
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
};

export const listen = (server: Server, host = "127.0.0.1"): Promise<number> =>
  new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, host, () => resolve(portOf(server)));
  });

/** A listener with a behaviour of the test's own. `connections` counts the connections accepted. */
export const startServer = async (
  behave: (socket: Socket) => void,
  host?: string,
): Promise<{ port: number; connections: () => number; stop: () => Promise<void> }> => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    behave(socket);
  });
  const stop = track(server);
  return { port: await listen(server, host), connections: () => connections, stop };
};

export const startHttp = async (
  handle: RequestListener,
): Promise<{ port: number; stop: () => Promise<void> }> => {
  const server = createHttp(handle);
  const stop = track(server);
  return { port: await listen(server), stop };
};

/** A real process that listens and is then stopped by SIGSTOP: the kernel still accepts until its backlog is full. */
const startFrozen = async (
  backlog: number,
): Promise<{ port: number; process: ChildProcess; stop: () => void }> => {
  const code = `const s=require("net").createServer(()=>{});s.listen({port:0,host:"127.0.0.1",backlog:${backlog}},()=>console.log(s.address().port))`;
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.stdout.once("data", (data: Buffer) => resolve(Number(data.toString())));
  });
  child.kill("SIGSTOP");
  return { port, process: child, stop: () => child.kill("SIGKILL") };
};

/**
 * Whether a connection on this machine opens, which the kernel does at once. In a process that is late, the timer may ring first: it waits
 * for the events that have already happened before it answers false.
 */
export const opens = (socket: Socket, withinMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => void setImmediate(() => resolve(false)), withinMs);
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });

/** Connects until a connection hangs. From then on the kernel drops every SYN silently. Returns how to release the connections. */
export const fillBacklog = async (port: number, most = 64): Promise<() => void> => {
  const held: Socket[] = [];
  for (let count = 0; count < most; count++) {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => undefined);
    held.push(socket);
    if (!(await opens(socket, 300))) return () => held.forEach((each) => each.destroy());
  }
  held.forEach((each) => each.destroy());
  throw new Error("the backlog never filled");
};

/** Starts the servers of all behaviours. */
export const startServers = async (): Promise<Servers> => {
  const ports: Record<string, number> = { nobody: await freePort() };
  const stops: (() => unknown)[] = [];
  for (const [name, behave] of Object.entries(BEHAVIOURS)) {
    const { port, stop } = await startServer(behave);
    ports[name] = port;
    stops.push(stop);
  }
  const { cert, key } = makeCertificate();
  const secure = createTls({ cert, key }, BEHAVIOURS["ok"]);
  secure.on("tlsClientError", () => undefined);
  secure.on("secureConnection", (socket) => socket.on("error", () => undefined));
  stops.push(track(secure));
  ports["tls"] = await listen(secure);
  const frozen = await startFrozen(64);
  ports["frozen"] = frozen.port;
  const full = await startFrozen(1);
  ports["full"] = full.port;
  stops.push(await fillBacklog(full.port), frozen.stop, full.stop);
  return {
    ports,
    cert,
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
};
