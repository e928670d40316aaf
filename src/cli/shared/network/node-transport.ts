/**
 * Requests over Node's own HTTP client: `fetch` brings a client of its own that takes longer to load than the rest of a check takes.
 * `node:http` itself is loaded once there is a connection, since it is of no use where the connection fails.
 */
import type * as Http from "node:http";
import type { Agent, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { textOf } from "../../../client/bounded-body.ts";
import type { AnswerHeaders } from "../../../client/called.ts";
import { byFetch, type IncomingAnswer, type Outgoing, type Transport } from "../../../client/transport.ts";

/** The statuses that `fetch` treats as redirects, with or without a `Location`. */
const REDIRECTS: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);

/** The headers that `fetch` sends, except for the coding: small answers are not worth a decompressor. */
const HEADERS = { Accept: "*/*", "Accept-Encoding": "identity", "User-Agent": "node" };

/** The quickest transport. Where Node is set to use the proxy of its environment, that is `fetch`, which supports it. */
export const transportOn = ({ env, execArgv }: Pick<NodeJS.Process, "env" | "execArgv">): Transport => {
  const options = [env["NODE_OPTIONS"], ...execArgv].join(" ");
  const goesByProxy = Boolean(env["NODE_USE_ENV_PROXY"]) || options.includes("--use-env-proxy");
  return goesByProxy ? byFetch : overOneLine();
};

/** Sends requests one after the other over one connection, and opens another where the detector closes it. */
const overOneLine = (): Transport => {
  let agent: Agent | undefined;
  return (href, request) =>
    told("fetch failed", request.signal, async () => {
      const url = new URL(href);
      const dial = () => open(url, request.signal);
      let first = agent === undefined ? await dial() : undefined;
      const http = await import("node:http");
      agent ??= new http.Agent({ keepAlive: true, maxSockets: 1 });
      agent.createConnection = (_options, done) => {
        const opened = first;
        first = undefined;
        if (opened !== undefined) return opened;
        void dial().then(
          (socket) => done?.(null, socket),
          (error: Error) => done?.(error, undefined as never),
        );
        return undefined;
      };
      return incomingOf(await send(http, agent, url, request), request.signal);
    });
};

const incomingOf = (answer: IncomingMessage, signal: AbortSignal): IncomingAnswer => {
  const { statusCode = 0, statusMessage = "", headers } = answer;
  const coding = headers["content-encoding"] ?? "identity";
  if (REDIRECTS.has(statusCode)) throw endedBy(answer, "unexpected redirect");
  if (coding !== "identity") throw endedBy(answer, `an answer in ${coding}, which was not asked for`);
  return {
    status: statusCode,
    statusText: statusMessage,
    headers: headersOf(headers),
    read: (maxBytes) => told("terminated", signal, () => textOf(answer, maxBytes)),
  };
};

const told = async <T>(what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    throw signal.aborted ? signal.reason : new Error(what, { cause });
  }
};

/** Calls `end` when the signal aborts, or at once where it has: it may have aborted while a module was loaded. */
const whenEnded = (signal: AbortSignal, end: () => void): void => {
  if (signal.aborted) end();
  else signal.addEventListener("abort", end);
};

const endedBy = (answer: IncomingMessage, why: string): Error => {
  answer.destroy();
  return new Error(why);
};

/** Resolves at `event`, rejects when the socket fails or is closed before. */
const reached = (socket: Socket, event: "connect" | "secureConnect"): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    // Not `once`: an error without a listener ends the process.
    socket.on("error", reject);
    socket.once("close", () => reject(new Error("closed before it opened")));
  });

const open = async ({ protocol, hostname, port }: URL, signal: AbortSignal): Promise<Socket> => {
  const isSecure = protocol === "https:";
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  const { connect, isIP } = await import("node:net");
  const socket = connect({ host, port: Number(port) || (isSecure ? 443 : 80), noDelay: true });
  whenEnded(signal, () => socket.destroy());
  await reached(socket, "connect");
  if (!isSecure) return socket;
  const tls = await import("node:tls");
  // A literal address must not be sent as a server name (RFC 6066).
  const named = isIP(host) === 0 ? { servername: host } : {};
  const secured = tls.connect({ socket, host, ALPNProtocols: ["http/1.1"], ...named });
  await reached(secured, "secureConnect");
  return secured;
};

const send = (
  { request }: typeof Http,
  agent: Agent,
  url: URL,
  { method, headers, body, signal }: Outgoing,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const path = url.pathname + url.search;
    const asking = request({ agent, method, path, headers: { ...HEADERS, Host: url.host, ...headers } });
    whenEnded(signal, () => asking.destroy());
    asking.once("response", resolve);
    asking.on("error", reject);
    asking.once("close", () => reject(new Error("closed without an answer")));
    asking.end(body);
  });

const headersOf = (headers: IncomingMessage["headers"]): AnswerHeaders => ({
  get: (name) => headers[name.toLowerCase()]?.toString() ?? null,
  has: (name) => Object.hasOwn(headers, name.toLowerCase()),
});
