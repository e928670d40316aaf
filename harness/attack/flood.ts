import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";

/** The answers to one kind of request. */
export interface Answers {
  asked: number;
  /** By status; `none`: no answer in time, or a broken connection. */
  statuses: Record<string, number>;
  /** Answers of 503 that did not say when to come back, and any other answer from 500 on. */
  wrong: number;
}

/** One kind of request, sent at a fixed rate. */
export interface Wave {
  name: string;
  perSecond: number;
  method: string;
  path: () => string;
  token: () => string;
  body: () => string | null;
}

const WITHIN_MS = 20_000;
/** Requests of one kind under way at once. A request that is not answered delays the next ones, as with any client. */
const TOGETHER = 64;
const STEP_MS = 50;
const POLL_MS = 5_000;

const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });

interface Given {
  status: number;
  retryAfter: string | undefined;
}

const ask = (base: string, { method, path, token, body }: Wave): Promise<Given | null> =>
  new Promise((resolve) => {
    const text = body();
    const asked = request(base + path(), {
      method,
      agent,
      timeout: WITHIN_MS,
      headers: {
        authorization: `Bearer ${token()}`,
        ...(text === null ? {} : { "content-type": "application/json" }),
      },
    });
    asked.on("response", (answer) => {
      answer.resume();
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers["retry-after"] }),
      );
      answer.on("error", () => resolve(null));
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(null));
    asked.end(text ?? undefined);
  });

const note = (answers: Answers, given: Given | null): void => {
  const status = given === null ? "none" : String(given.status);
  answers.statuses[status] = (answers.statuses[status] ?? 0) + 1;
  if (given === null || given.status < 500) return;
  if (given.status !== 503 || given.retryAfter === undefined) answers.wrong += 1;
};

/** Sends one kind until `stop`, never faster than its pace. Resolves once all requests are answered or given up. */
export const flow = async (base: string, wave: Wave, stop: AbortSignal): Promise<Answers> => {
  const answers: Answers = { asked: 0, statuses: {}, wrong: 0 };
  const under = new Set<Promise<void>>();
  const began = performance.now();
  while (!stop.aborted) {
    const due = ((performance.now() - began) / 1_000) * wave.perSecond;
    while (answers.asked < due && under.size < TOGETHER) {
      answers.asked += 1;
      const one = ask(base, wave).then((given) => note(answers, given));
      under.add(one);
      void one.then(() => under.delete(one));
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  await Promise.all(under);
  return answers;
};

/** Requests that the detector holds: each is sent again as soon as it is answered, so that `count` wait all the time. */
export const holdMany = async (
  base: string,
  wave: Wave,
  count: number,
  stop: AbortSignal,
): Promise<Answers> => {
  const answers: Answers = { asked: 0, statuses: {}, wrong: 0 };
  const one = async (): Promise<void> => {
    while (!stop.aborted) {
      answers.asked += 1;
      note(answers, await ask(base, wave));
      // Beyond the limit the detector answers a wait at once, and the client polls instead.
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  await Promise.all(Array.from({ length: count }, one));
  return answers;
};

/** Connections that ask for the events and read nothing. */
export const openStreams = (port: number, count: number, token: string): (() => void) => {
  const sockets = Array.from({ length: count }, (): Socket => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    socket.pause();
    socket.write(`GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    return socket;
  });
  return () => {
    for (const socket of sockets) socket.destroy();
  };
};

const TOKEN_BYTES = 32;

/** Shaped like a real token, so that the detector has to look it up. */
export const forged = (): string => `plx_${randomBytes(TOKEN_BYTES).toString("base64url")}`;

/** Closes the connections that are still open. */
export const hangUp = (): void => agent.destroy();
