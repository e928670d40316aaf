import { z } from "zod";
import { CertificateSchema } from "./certificate.ts";
import { NameSchema } from "./name.ts";
import { OutcomeSchema, StageSchema } from "./outcome.ts";

/** What a probe asks of a node: its service, or the second port of the same host. */
export const SubjectSchema = z.enum(["target", "witness"]);
export type Subject = z.infer<typeof SubjectSchema>;

/** The longest text of an IPv6 address. */
const ADDRESS_MAX = 45;
const ADDRESSES_MAX = 8;

/** What one probe found and how long each stage took. Never thrown: a failure is a value. */
export const FindingSchema = z.strictObject({
  outcome: OutcomeSchema,
  stage: StageSchema,
  /** From the probe's begin to the open connection; absent if the platform does not report it. */
  connectMs: z.number().min(0).optional(),
  totalMs: z.number().min(0),
  /** What exactly went wrong, for people: `status 500`, `ECONNREFUSED`. */
  detail: z.string().max(200).optional(),
  /** For a name with several addresses, the one that accepted the connection. */
  address: z.string().max(ADDRESS_MAX).optional(),
  /** For a name with several addresses, those that were tried and did not accept it. */
  deadAddresses: z.array(z.string().max(ADDRESS_MAX)).max(ADDRESSES_MAX).optional(),
  /** The answer came from a proxy in front of the node, not from the node. */
  proxied: z.boolean().optional(),
  /** With TLS, if the platform shows it: what the certificate says. */
  certificate: CertificateSchema.optional(),
});
export type Finding = z.infer<typeof FindingSchema>;

/** One probe's outcome, as a vantage reports it. */
export const ObservationSchema = FindingSchema.extend({
  site: NameSchema,
  target: NameSchema,
  subject: SubjectSchema,
  /** When the probe began, epoch milliseconds by the vantage's clock. */
  begin: z.int().min(0),
  /** The drill that altered this observation. */
  drill: z.strictObject({ id: z.string().max(80), live: z.boolean() }).optional(),
});
export type Observation = z.infer<typeof ObservationSchema>;

/** One probe of a control: is the vantage itself sound? */
export const ControlObservationSchema = FindingSchema.extend({
  url: z.string().max(2048),
  begin: z.int().min(0),
});
export type ControlObservation = z.infer<typeof ControlObservationSchema>;
