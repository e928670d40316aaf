import { z } from "zod";
import { InstantSchema } from "./instant.ts";

/** Every look carries a certificate, whose size its owner chooses. These three keep it to about a kilobyte. */
const NAME_MAX = 100;
const NAMES_MAX = 5;
const CHAIN_MAX = 5;
/** The last instant that four digits of a year can write, epoch milliseconds. */
const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** What a certificate says about itself and its chain. */
export const CertificateSchema = z.strictObject({
  /** When the first certificate of its chain expires, the root left out; epoch milliseconds. */
  expiresAt: z.int().min(0).max(LAST_INSTANT),
  /** The names that it is valid for. */
  names: z.array(z.string().max(NAME_MAX)).max(NAMES_MAX),
  /** How many further names it has. */
  moreNames: z.int().min(1).optional(),
  /** Its chain: its signer, the signer of that one's certificate, and so on. */
  issuers: z.array(z.string().max(NAME_MAX)).max(CHAIN_MAX),
});
export type Certificate = z.infer<typeof CertificateSchema>;

/** As answers show it. */
export const ShownCertificateSchema = CertificateSchema.extend({ expiresAt: InstantSchema });

const shortened = (name: string): string =>
  name.length > NAME_MAX ? `${name.slice(0, NAME_MAX - 1)}…` : name;

/** A certificate within the bounds of the schema, whatever the input. `expiresAt`: epoch milliseconds. */
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
