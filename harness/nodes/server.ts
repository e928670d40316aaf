// A real process to be probed. Its parent starts it with NodeSettings as JSON and changes its mode
// over IPC; it ends when its parent does.
import { createServer as createHttpServer, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { HEALTHY_BODY, type NodeSettings, type Order, type Word } from "./mode.ts";

const settings = JSON.parse(process.argv[2] ?? "") as NodeSettings;
let { mode, slowMs } = settings;
let answers = 0;
let connections = 0;
let mostBytes = 0;
const open = new Set<Socket>();

const say = (word: Word): void => {
  process.send?.(word);
};

const answer = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { "content-type": "text/plain" }).end(`${body}\n`);
};

/** Breaks off inside the head: no client can read a status from it. */
const breakHead = (socket: Socket | null, end: (socket: Socket) => void): void => {
  if (socket === null) return;
  socket.write("HTTP/1.1 20", () => end(socket));
};

const truncate = (response: ServerResponse): void => {
  response.writeHead(200, { "content-length": "1000" });
  response.write("a part", () => response.socket?.end());
};

const drip = (response: ServerResponse): void => {
  response.writeHead(200, { "content-length": "100000" });
  response.write(".");
  const timer = setInterval(() => response.write("."), 250);
  response.on("close", () => clearInterval(timer));
};

/** Writes as fast as the reader takes it, until the reader goes. */
const flood = (response: ServerResponse): void => {
  const block = Buffer.alloc(65_536, "x");
  response.writeHead(200);
  const pour = (): void => {
    while (!response.destroyed && response.write(block));
  };
  response.on("drain", pour);
  pour();
};

const serve = (response: ServerResponse): void => {
  answers += 1;
  const healthy = (): void => answer(response, 200, HEALTHY_BODY);
  const broken = (): void => answer(response, 500, "out of order");
  const deeds: Record<typeof mode, () => void> = {
    ok: healthy,
    error: broken,
    "half-error": answers % 2 === 0 ? healthy : broken,
    "wrong-body": () => answer(response, 200, "closed for maintenance"),
    close: () => breakHead(response.socket, (socket) => socket.end()),
    reset: () => breakHead(response.socket, (socket) => socket.resetAndDestroy()),
    truncated: () => truncate(response),
    drip: () => drip(response),
    endless: () => flood(response),
    slow: () => void setTimeout(healthy, slowMs),
    silent: () => undefined,
    "lose-one": () => {
      mode = "ok";
    },
  };
  deeds[mode]();
};

/** Greets and echoes, as a line protocol would. */
const converse = (socket: Socket): void => {
  answers += 1;
  if (mode === "silent") return;
  if (mode === "reset") return void socket.resetAndDestroy();
  if (mode === "close") return void socket.end();
  socket.write(mode === "wrong-body" ? "busy\n" : "ready\n");
  socket.pipe(socket);
};

const server: Server =
  settings.protocol === "http"
    ? createHttpServer((request, response) => {
        request.resume();
        response.on("error", () => undefined);
        serve(response);
      })
    : createTcpServer(converse);

server.on("connection", (socket: Socket) => {
  connections += 1;
  open.add(socket);
  socket.on("error", () => undefined);
  socket.on("close", () => {
    open.delete(socket);
    mostBytes = Math.max(mostBytes, socket.bytesWritten);
  });
});
server.on("error", (error: NodeJS.ErrnoException) => {
  say({ failed: error.code ?? error.message });
  process.exitCode = 1;
});
server.listen({ port: settings.port, host: settings.host ?? "127.0.0.1", backlog: settings.backlog }, () =>
  say({ listening: true }),
);

process.on("message", (order: Order) => {
  if (order.mode !== undefined) mode = order.mode;
  if (order.mode !== undefined && order.slowMs !== undefined) slowMs = order.slowMs;
  for (const socket of open) mostBytes = Math.max(mostBytes, socket.bytesWritten);
  say({ done: order.id, counts: { connections, open: open.size, mostBytes } });
});
process.on("disconnect", () => process.exit());
