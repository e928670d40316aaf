import type { Dial, Socket } from "../../src/probe/socket.ts";

/**
 * The peers of a fake network as Workers shows it, for what a test cannot get on loopback: errors without codes, hosts that drop packets,
 * Cloudflare's own answers.
 */
export type FakePeer = "accepts" | "turnsAway" | "drops" | "hangsUp" | "throws" | "serves";

const SERVED = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

const never = new Promise<never>(() => undefined);

/** A dial that counts its connections. Each dial calls `peer` for its peer. */
export const fakeDial = (
  peer: (tls: boolean) => FakePeer,
): { dial: Dial; dials: () => number; open: () => number } => {
  let dials = 0;
  let open = 0;
  const dial: Dial = ({ tls }): Socket => {
    dials += 1;
    const kind = peer(tls);
    if (kind === "throws") throw new TypeError("Specified address could not be parsed.");
    open += 1;
    let closed = false;
    const rejected = new Error("proxy request failed, cannot connect to the specified address");
    return {
      opened:
        kind === "drops" ? never : kind === "turnsAway" ? Promise.reject(rejected) : Promise.resolve({}),
      closed: kind === "turnsAway" ? Promise.reject(rejected) : never,
      readable: new ReadableStream<Uint8Array>({
        start: (controller) => {
          if (kind === "hangsUp") controller.close();
          if (kind === "serves") controller.enqueue(new TextEncoder().encode(SERVED));
        },
      }),
      writable: new WritableStream<Uint8Array>(),
      close: () => {
        if (!closed) open -= 1;
        closed = true;
        return never;
      },
    };
  };
  return { dial, dials: () => dials, open: () => open };
};

/** The error that workerd throws when a connection is refused, reset or answered with garbage. */
export const connectionLost = (): Error =>
  Object.assign(new Error("Network connection lost."), { retryable: true, remote: true });

/** The error that workerd throws for an unknown name and for failed TLS. */
export const internalError = (): Error =>
  Object.assign(new Error("internal error; reference = q8d0k3"), { remote: true });

/** A fetch that stays silent until it is aborted. */
export const silentFetch = (_: string, init: RequestInit): Promise<Response> =>
  new Promise((_resolve, reject) => {
    init.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
  });
