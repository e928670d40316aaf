/**
 * Requests over Node's own HTTP client: `fetch` brings one of its own that takes longer to load than all else a check does.
 * `node:http` itself is loaded once there is a connection, since where nobody listens there is no use for it.
 */
import type * as Http from "node:http";
import type { Agent, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { textOf } from "../../../client/bounded-body.ts";
import type { AnswerHeaders } from "../../../client/called.ts";
import { byFetch, type IncomingAnswer, type Outgoing, type Transport } from "../../../client/transport.ts";

/** What `fetch` takes for a redirect, whether or not it says where to. */
const REDIRECTS: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);

/** As `fetch` sends them, but for the coding: what is small is not worth a decompressor. */
const HEADERS = { Accept: "*/*", "Accept-Encoding": "identity", "User-Agent": "node" };

/** The quickest way there. Where Node has been told to use the proxy that its environment names, `fetch` knows how. */
export const transportOn = ({ env, execArgv }: Pick<NodeJS.Process, "env" | "execArgv">): Transport => {
  const options = [env["NODE_OPTIONS"], ...execArgv].join(" ");
  const goesByProxy = Boolean(env["NODE_USE_ENV_PROXY"]) || options.includes("--use-env-proxy");
  return goesByProxy ? byFetch : overOneLine();
};

/** One connection for one question after the other, and another where the detector does not keep it. */
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

/** Now, where it has ended already: it might have while something was loaded. */
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
    // Not once: an error that nobody hears ends the process.
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
