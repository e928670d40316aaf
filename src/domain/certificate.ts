import { z } from "zod";
import { InstantSchema } from "./instant.ts";

/** Every look carries it, and a certificate says as much as its owner likes: about a kilobyte at most, with these three. */
const NAME_MAX = 100;
const NAMES_MAX = 5;
const CHAIN_MAX = 5;
/** The last instant that four digits of a year can write, epoch milliseconds. */
const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** What a certificate says of itself and of its chain. */
export const CertificateSchema = z.strictObject({
  /** When the first of its chain but the root expires, epoch milliseconds. */
  expiresAt: z.int().min(0).max(LAST_INSTANT),
  /** Whom it is for. */
  names: z.array(z.string().max(NAME_MAX)).max(NAMES_MAX),
  /** How many names it has besides. */
  moreNames: z.int().min(1).optional(),
  /** Its chain: who signed it, who signed that one's, and so on. */
  issuers: z.array(z.string().max(NAME_MAX)).max(CHAIN_MAX),
});
export type Certificate = z.infer<typeof CertificateSchema>;

/** As answers show it. */
export const ShownCertificateSchema = CertificateSchema.extend({ expiresAt: InstantSchema });

const shortened = (name: string): string =>
  name.length > NAME_MAX ? `${name.slice(0, NAME_MAX - 1)}…` : name;

/** Within the bounds of the schema, whatever stands in it. `expiresAt`: epoch milliseconds. */
export const boundedCertificate = (
  expiresAt: number,
  names: readonly string[],
  issuers: readonly string[],
): Certificate => ({
  expiresAt: Math.max(0, Math.min(Math.trunc(expiresAt), LAST_INSTANT)),
  names: names.slice(0, NAMES_MAX).map(shortened),
  ...(names.length > NAMES_MAX ? { moreNames: names.length - NAMES_MAX } : {}),
  issuers: issuers.slice(0, CHAIN_MAX).map(shortened),
});
