import { z } from "zod";

/** What one probe found. Closed: a new outcome is a change of the contract. */
export const OutcomeSchema = z.enum([
  "ok",
  /** An answer that differs from what was expected. */
  "app_error",
  /** Actively rejected before the deadline. */
  "refused",
  /** Opened, then broken or closed before a full answer. */
  "reset",
  /** Silence before the connection opened. */
  "connect_timeout",
  /** Silence after the connection opened. */
  "response_timeout",
  "tls_failure",
  "dns_failure",
  /** The platform refuses to carry this probe: no evidence. */
  "blocked",
  /** Still silent when the report left; the final outcome follows. */
  "pending",
]);
export type Outcome = z.infer<typeof OutcomeSchema>;

/**
 * The furthest stage that a probe reached, or was waiting in when it failed. `unknown`: the platform does not say whether the connection
 * had opened.
 */
export const StageSchema = z.enum(["connect", "tls", "response", "body", "done", "unknown"]);
export type Stage = z.infer<typeof StageSchema>;
