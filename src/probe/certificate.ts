import type { Finding } from "../domain/observation.ts";

/** What the certificate of the other side says, as far as people and `expect.certDays` ask. */
export interface Certificate {
  /** When the first of its chain expires, epoch milliseconds. */
  expiresAt: number;
  /** Whom it is for. */
  names: readonly string[];
  /** Who signed it, who signed that one's, and so on. */
  issuers: readonly string[];
}

const DAY_MS = 86_400_000;
/** All of it has to fit into 200 characters of `detail`, the prober's own words before it. */
const NAMES_SHOWN = 2;
const NAME_MAX = 27;
const ISSUERS_SHOWN = 2;
const ISSUER_MAX = 24;

const cut = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max - 1)}…` : text);

/** `certificate to 2027-02-01 for db.example, *.db.example by R11 < ISRG Root X1`. */
const wordsOf = ({ expiresAt, names, issuers }: Certificate): string => {
  const day = new Date(expiresAt).toISOString().slice(0, 10);
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : "";
  const whom = names.slice(0, NAMES_SHOWN).map((name) => cut(name, NAME_MAX));
  const by = issuers.slice(0, ISSUERS_SHOWN).map((name) => cut(name, ISSUER_MAX));
  return `certificate to ${day} for ${whom.join(", ") || "nobody"}${more} by ${by.join(" < ") || "itself"}`;
};

const tooSoon = ({ expiresAt }: Certificate, certDays: number, now: number): string | undefined => {
  const leftMs = expiresAt - now;
  return leftMs >= certDays * DAY_MS
    ? undefined
    : `expires in ${Math.max(0, Math.floor(leftMs / DAY_MS))} days, expect.certDays has ${certDays}`;
};

/**
 * The finding with the facts of the certificate, wherever the platform showed one. Of a good answer they may make a wrong one: it
 * is an answer still, so it is `gray` and never a death. `now`: epoch milliseconds.
 */
export const withCertificate = (
  finding: Finding,
  certificate: Certificate | undefined,
  certDays: number | undefined,
  now: number,
): Finding => {
  const { outcome, detail } = finding;
  const isAsked = certDays !== undefined && outcome === "ok";
  if (certificate === undefined)
    return isAsked ? { ...finding, detail: told(detail, "its certificate is not seen from here") } : finding;
  const flaw = isAsked ? tooSoon(certificate, certDays, now) : undefined;
  const words = wordsOf(certificate);
  if (flaw === undefined) return { ...finding, detail: told(detail, words) };
  return { ...finding, outcome: "app_error", stage: "tls", detail: told(flaw, words) };
};

const DETAIL_MAX = 200;

const told = (first: string | undefined, then: string): string =>
  (first === undefined ? then : `${first}; ${then}`).slice(0, DETAIL_MAX);
