/**
 * How a node answers. `half-error`: every other answer fails. `close` and `reset` break the
 * connection inside the answer's head (FIN, RST), `truncated` inside its body, `drip` sends a byte
 * now and then, `endless` as much as the reader takes, `silent` accepts and never answers; `lose-one`
 * does so once and is `ok` afterwards.
 */
export type Mode =
  | "ok"
  | "error"
  | "half-error"
  | "wrong-body"
  | "close"
  | "reset"
  | "truncated"
  | "drip"
  | "endless"
  | "slow"
  | "silent"
  | "lose-one";

/** What a node starts with; its process gets it as one JSON argument. */
export interface NodeSettings {
  protocol: "http" | "tcp";
  /** The address to listen on; default: loopback. */
  host?: string | undefined;
  port: number;
  mode: Mode;
  /** The listen backlog; undefined: the platform's default. */
  backlog?: number | undefined;
  /** How long `slow` waits. */
  slowMs: number;
}

/** What a healthy HTTP node's body contains. */
export const HEALTHY_BODY = "serving";

/** From the driver to the process. */
export type Order =
  | { id: number; mode: Mode; slowMs?: number | undefined }
  | { id: number; mode?: undefined };

/** What the process has done so far, for tests of what its reader can be made to swallow. */
export interface NodeCounts {
  connections: number;
  open: number;
  /** The most bytes written on one connection. */
  mostBytes: number;
}

/** From the process to the driver. */
export type Word = { listening: true } | { failed: string } | { done: number; counts: NodeCounts };
