import type { Endpoint } from "../domain/address.ts";
import type { Finding } from "../domain/observation.ts";
import type { Expect } from "../domain/target.ts";
import type { Channels } from "./channel.ts";
import type { Progress } from "./progress.ts";
import type { Dial } from "./socket.ts";

export interface ProbeSpec {
  url: string;
  timeoutMs: number;
  /** How long the probe waits for its connection, if it can tell when that is open; default `timeoutMs`. */
  connectWithinMs?: number | undefined;
  /** The last look at it met silence; default false. */
  wasSilent?: boolean | undefined;
  /** By a new connection, where `fetch` may use an old one; default false. */
  fresh?: boolean | undefined;
  /** The addresses of its name, where the caller has looked them up. */
  addresses?: readonly string[] | undefined;
  expect?: Expect | undefined;
  headers?: Record<string, string> | undefined;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What a prober reaches the world by. */
export interface Wire {
  dial: Dial;
  /** Without it HTTP goes by sockets, for names as well: right where a failed dial names its cause (Node). */
  fetch?: Fetch | undefined;
  /** Epoch milliseconds. */
  now: () => number;
  /** The vantage's id, for `User-Agent: Parallax/1 (+vantage)`. */
  vantage: string;
  /** Runs a task when the one connection kept for autopsies is free. */
  autopsy: <T>(task: () => Promise<T>) => Promise<T>;
  /** Where raw connects have worked: one for all probes of a vantage, kept as long as it lives. */
  channels: Channels;
  /**
   * Whether `fetch` goes out through Cloudflare's network (Workers), so that a 52x may be its word on
   * the target. Elsewhere (Node) a 52x always comes from a proxy in front of the target.
   */
  relayed: boolean;
}

/** One protocol's way to a finding. It ends by the deadline, or a quarter of a second later at most. */
export type Prober = (
  spec: ProbeSpec,
  endpoint: Endpoint,
  wire: Wire,
  progress: Progress,
) => Promise<Finding>;
