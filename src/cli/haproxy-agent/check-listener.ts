import { createServer, type Server, type Socket } from "node:net";

/** Checks under way at once; HAProxy opens one for each server and round. */
const MAX_CONNECTIONS = 1_024;
/** Two names and a slash are at most 127. */
const MAX_LINE_BYTES = 256;
/** A name without a line end counts as whole when nothing more has come for this long. */
const QUIET_MS = 200;
const LIMIT_MS = 2_000;

const asked = (socket: Socket, answer: (line: string) => string): void => {
  let text = "";
  let quiet: NodeJS.Timeout | undefined;
  const reply = (): void => {
    clearTimeout(quiet);
    socket.removeAllListeners("data");
    socket.end(answer(text.split(/[\r\n]/, 1)[0]?.trim() ?? ""));
  };
  const tooLate = setTimeout(() => socket.destroy(), LIMIT_MS);
  socket.setEncoding("latin1");
  socket.on("error", () => socket.destroy());
  socket.once("close", () => {
    clearTimeout(tooLate);
    clearTimeout(quiet);
  });
  socket.once("end", () => (socket.writableEnded ? undefined : reply()));
  socket.on("data", (chunk: string) => {
    text += chunk;
    clearTimeout(quiet);
    if (text.length > MAX_LINE_BYTES) return void socket.destroy();
    if (/[\r\n]/.test(text)) reply();
    else quiet = setTimeout(reply, QUIET_MS);
  });
};

/** Reads one line of each connection, answers it by `answer`, and closes. Rejects where it cannot listen. */
export const listen = (host: string, port: number, answer: (line: string) => string): Promise<Server> =>
  new Promise((resolve, reject) => {
    // A client that has sent its line and closed its half still gets an answer.
    const server = createServer({ allowHalfOpen: true }, (socket) => asked(socket, answer));
    server.maxConnections = MAX_CONNECTIONS;
    server.once("error", reject);
    server.listen({ host, port }, () => resolve(server));
  });
