// A load generator that does as little as it can: where it needs more time than what it measures,
// every ratio would come out as 1.
import { connect, type Socket } from "node:net";

/** What to ask, and the status that must come back. */
export interface Question {
  port: number;
  path: string;
  token: string;
  status: number;
}

const LAST_ANSWER_WITHIN_MS = 10_000;

/**
 * Asks for `durationMs` on so many keep-alive connections, each again as soon as it is answered, and
 * waits for the last answers. Connecting is not timed. Rejects on a wrong answer.
 */
export const ask = async (
  question: Question,
  connections: number,
  durationMs: number,
): Promise<{ answers: number; perSecond: number }> => {
  // Fresh ones for each turn: workerd closes what is idle for 5 s.
  const sockets = await Promise.all(Array.from({ length: connections }, () => opened(question.port)));
  const begin = performance.now();
  const end = begin + durationMs;
  try {
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error("no answer")), durationMs + LAST_ANSWER_WITHIN_MS).unref();
    });
    const counts = await Promise.race([
      Promise.all(sockets.map((socket) => converse(socket, question, end))),
      late,
    ]);
    const answers = counts.reduce((sum, count) => sum + count, 0);
    return { answers, perSecond: (1_000 * answers) / (performance.now() - begin) };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
};

/** Asks on one connection until `end`; the number of answers. */
const converse = (socket: Socket, question: Question, end: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = requestOf(question);
    const expected = Buffer.from(`HTTP/1.1 ${question.status} `);
    let held: Buffer = Buffer.alloc(0);
    let answers = 0;
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the connection was closed")));
    socket.on("data", (bytes: Buffer) => {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const length = answerLength(held);
      if (length === undefined || held.length < length) return;
      if (held.length > length || !held.subarray(0, expected.length).equals(expected))
        return reject(new Error(`a wrong answer: ${held.toString("utf8", 0, 400)}`));
      held = Buffer.alloc(0);
      answers += 1;
      if (performance.now() < end) socket.write(request);
      else resolve(answers);
    });
    socket.write(request);
  });

const requestOf = ({ port, path, token }: Question): Buffer =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`);

const opened = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });

/** Bytes of the whole answer, or undefined while its head is not complete. */
const answerLength = (held: Buffer): number | undefined => {
  const end = held.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(held.toString("latin1", 0, end)) ?? [];
  if (length === undefined) throw new Error(`an answer without a length: ${held.toString("latin1", 0, end)}`);
  return end + 4 + Number(length);
};
