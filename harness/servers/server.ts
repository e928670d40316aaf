import type { Expect } from "../../src/domain/kinds.ts";
import type { Daemon } from "../consumers/daemon.ts";

/** Where a server is to run. */
export interface Seat {
  port: number;
  /** A directory of its own, which any account may enter. */
  dir: string;
}

/** The result of a look: `outcome/stage`, one or the other, words of its `detail`, and the signer of the certificate. */
export interface Found {
  finds: string | readonly string[];
  saying?: string;
  signedBy?: string;
}

/** What the vantages on Node and those on Workers find in one state. */
export interface Sight {
  verdict: string;
  onNode: Found;
  onWorkers?: Found;
}

/** What is done to a server, in this order; in between it is well again. */
export const DEEDS = ["runs", "is frozen", "is killed", "is misconfigured"] as const;
export type Deed = (typeof DEEDS)[number];

/** A real server, which a kind of probe looks at. */
export interface RealServer {
  name: string;
  /** One line for people: what it is, and how it is misconfigured. */
  title: string;
  /** Programs by the Debian package each comes in. */
  needs: { commands: Readonly<Record<string, string>>; root?: true };
  url(seat: Seat): string;
  expect?: Expect;
  /** Makes what it needs, once. */
  prepare(seat: Seat): Promise<void>;
  start(seat: Seat, isMisconfigured: boolean): Daemon;
  /** Only the vantages on Node look at it. */
  isForNode?: true;
  /** In which states it is looked at. */
  sights: Readonly<Partial<Record<Deed, Sight>>>;
}
