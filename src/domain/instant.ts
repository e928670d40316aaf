import { z } from "zod";

/** RFC 3339, UTC, with milliseconds: how every instant leaves Parallax. */
export const InstantSchema = z.iso.datetime({ precision: 3 });

/** Epoch milliseconds to RFC 3339 UTC. Inside Parallax instants are epoch milliseconds. */
export const toInstant = (epochMs: number): string => new Date(epochMs).toISOString();

/** RFC 3339 to epoch milliseconds. */
export const fromInstant = (instant: string): number => Date.parse(instant);
