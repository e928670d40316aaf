import type { Certificate } from "../domain/certificate.ts";
import type { Finding } from "../domain/observation.ts";

const DAY_MS = 86_400_000;

const tooSoon = ({ expiresAt }: Certificate, certDays: number, now: number): string | undefined => {
  const leftMs = expiresAt - now;
  return leftMs >= certDays * DAY_MS
    ? undefined
    : `the certificate expires in ${Math.max(0, Math.floor(leftMs / DAY_MS))} days, expect.certDays has ${certDays}`;
};

/**
 * Adds the certificate to the finding, wherever the platform shows one. A certificate may turn a good answer into a wrong one. That is
 * still an answer, so the target is `gray` and never dead. `now`: epoch milliseconds.
 */
export const withCertificate = (
  finding: Finding,
  certificate: Certificate | undefined,
  certDays: number | undefined,
  now: number,
): Finding => {
  const isAsked = certDays !== undefined && finding.outcome === "ok";
  if (certificate === undefined)
    return isAsked
      ? { ...finding, detail: told(finding.detail, "its certificate is not seen from here") }
      : finding;
  const flaw = isAsked ? tooSoon(certificate, certDays, now) : undefined;
  if (flaw === undefined) return { ...finding, certificate };
  return { ...finding, outcome: "app_error", stage: "tls", detail: told(flaw, finding.detail), certificate };
};

const DETAIL_MAX = 200;

const told = (...words: (string | undefined)[]): string =>
  words
    .filter((one) => one !== undefined)
    .join("; ")
    .slice(0, DETAIL_MAX);
