import type { X509Certificate } from "node:crypto";
import { boundedCertificate, type Certificate } from "../../../domain/certificate.ts";

/** Longer chains are looked at so far: none that is taken anywhere is as long. */
const CHAIN_MAX = 8;
const NAMES_MAX = 100;

/** A name's common name, or all of it: `CN=R11\nO=…` as OpenSSL has it. */
const commonName = (name: string): string => /^CN=(.+)$/m.exec(name)?.[1] ?? name.replaceAll("\n", ", ");

/** `DNS:db.example, IP Address:192.0.2.7` without its prefixes; without such names the subject's. */
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

/** What a certificate and its chain say. A root in the chain is no part of it: those who trust it do not ask when it expires. */
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
