import type { X509Certificate } from "node:crypto";
import { boundedCertificate, type Certificate } from "../../../domain/certificate.ts";

/** Chains are read up to this length. No accepted chain is as long. */
const CHAIN_MAX = 8;
const NAMES_MAX = 100;

/** The common name of a name, or else the whole name. OpenSSL writes it as `CN=R11\nO=…`. */
const commonName = (name: string): string => /^CN=(.+)$/m.exec(name)?.[1] ?? name.replaceAll("\n", ", ");

/** The names in `DNS:db.example, IP Address:192.0.2.7` without prefixes; where there are none, the subject's common name. */
const namesOf = ({ subject, subjectAltName }: X509Certificate): string[] =>
  (subjectAltName ?? `DNS:${commonName(subject)}`)
    .split(", ", NAMES_MAX)
    .map((name) => name.replace(/^[A-Za-z ]+:/, ""));

const chainOf = (leaf: X509Certificate): X509Certificate[] => {
  const chain: X509Certificate[] = [];
  for (
    let next: X509Certificate | undefined = leaf;
    next !== undefined && chain.length < CHAIN_MAX;
    next = next.issuerCertificate
  )
    chain.push(next);
  return chain;
};

/** The fields of a certificate and its chain. A root's expiry is left out: clients that trust a root do not check when it expires. */
export const certificateOf = (leaf: X509Certificate | undefined): Certificate | undefined => {
  if (leaf === undefined) return undefined;
  const chain = chainOf(leaf);
  const asked = chain.filter((one, index) => index === 0 || one.issuer !== one.subject);
  const ends = asked.map(({ validTo }) => Date.parse(validTo)).filter((end) => !Number.isNaN(end));
  const issuers = chain
    .map(({ issuer }) => commonName(issuer))
    .filter((name, index, all) => name !== all[index - 1]);
  return boundedCertificate(Math.min(...ends), namesOf(leaf), issuers);
};
