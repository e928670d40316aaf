/** The messages between `npm run calibrate` and the program on the host. */

/** How a place of the node answers. */
export const MODES = [
  "ok",
  "error",
  "slow",
  "silent",
  "reset",
  "close",
  "truncated",
  "crashed",
  "frozen",
] as const;
export type Mode = (typeof MODES)[number];

/** The node's ports, counted from the first. */
export const PORTS = { web: 0, crash: 1, freeze: 2, tls: 3 } as const;
export type PortName = keyof typeof PORTS;

/** How long `slow` takes. */
export const SLOW_MS = 1_500;
/** A fault ends by itself if no process is left to end it. */
export const LONGEST_MS = 300_000;
export const KEY_MIN = 16;

/** The body of `POST /control`. */
export interface Order {
  /** The place: the last part of `/t/NAME`. */
  place: string;
  mode: Mode;
  forMs: number;
}

/** The answer to `GET /` on the node's first port. */
export const GREETING = "parallax calibration node 1";
