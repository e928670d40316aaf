import type { Endpoint } from "../domain/address.ts";
import type { Expect } from "../domain/kinds.ts";
import type { Finding } from "../domain/observation.ts";
import type { ProbeSpec } from "../domain/probing.ts";
import type { Channels } from "./channel.ts";
import type { OpenDatagrams } from "./datagrams.ts";
import type { Progress } from "./progress.ts";
import type { Dial } from "./socket.ts";

export type { ProbeSpec } from "../domain/probing.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Everything through which a prober reaches the outside world. */
export interface Wire {
  dial: Dial;
  /** Without `fetch`, HTTP goes by sockets, for names as well. That is right where a failed dial names its cause (Node). */
  fetch?: Fetch | undefined;
  /** Absent where the platform has no UDP (Workers). */
  datagrams?: OpenDatagrams | undefined;
  /** Epoch milliseconds. */
  now: () => number;
  /** The vantage's id, for `User-Agent: Parallax/1 (+vantage)`. */
  vantage: string;
  /** Runs a task when the one connection kept for autopsies is free. */
  autopsy: <T>(task: () => Promise<T>) => Promise<T>;
  /** Where raw connects have worked: shared by all probes of a vantage, and kept as long as the vantage lives. */
  channels: Channels;
  /**
   * Whether `fetch` goes out through Cloudflare's network (Workers), so that a 52x may be Cloudflare's report on the target. Elsewhere
   * (Node) a 52x always comes from a proxy in front of the target.
   */
  relayed: boolean;
}

/** Makes the finding of one protocol. It ends by the deadline, or a quarter of a second later at most. */
export type ProtocolProbe<E extends Expect = Expect> = (
  spec: ProbeSpec<E>,
  endpoint: Endpoint,
  wire: Wire,
  progress: Progress,
) => Promise<Finding>;
