import { listedAs, type TokenKey } from "../domain/token.ts";
import type { Catalogue } from "./store/catalogue.ts";
import type { Registry } from "./store/registry.ts";

const FACT = "token-key";

interface Kept {
  key: string;
  /** Hashes of the tokens that are older than the key. */
  before: string[];
}

/**
 * The key by which tokens are tagged. The shard makes it at the first call and never changes it, because another key would void the tokens.
 */
export const tokenKeyOf = (catalogue: Catalogue, registry: Registry, now: number): TokenKey => {
  const known = catalogue.fact(FACT);
  const kept: Kept =
    known === null
      ? { key: crypto.randomUUID() + crypto.randomUUID(), before: registry.hashes() }
      : (JSON.parse(known) as Kept);
  const before = kept.before.filter((hash) => registry.grant(hash, now) !== null);
  if (known === null || before.length !== kept.before.length)
    catalogue.setFact(FACT, JSON.stringify({ ...kept, before }));
  if (before.length === 0) return { key: kept.key, untagged: false };
  // This lists also the tokens that an API of an earlier release has made since, which can happen for some seconds after a deployment.
  return { key: kept.key, untagged: true, listed: registry.hashes().map(listedAs) };
};
