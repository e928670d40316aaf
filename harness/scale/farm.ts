// A real process that is many nodes: one address of 127.0.0.0/8 for each, one port for all. Its parent says over IPC
// which; it ends when its parent does.
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { FarmSettings } from "./nodes.ts";

const http = createHttpServer((request, response) => {
  request.resume();
  response.writeHead(200, { "content-type": "text/plain" }).end("serving\n");
});

const listen = (host: string, { port, backlog }: FarmSettings): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      http.emit("connection", socket);
    });
    server.once("error", reject);
    server.listen({ host, port, backlog }, resolve);
  });

process.once("message", (settings: FarmSettings) => {
  void Promise.all(settings.hosts.map((host) => listen(host, settings))).then(
    () => process.send?.({ listening: true }),
    (error: unknown) => {
      process.send?.({ failed: String(error) });
      process.exitCode = 1;
      process.disconnect();
    },
  );
});
process.on("disconnect", () => process.exit());
