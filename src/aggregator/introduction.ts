import type { EvidenceEvent } from "../domain/evidence.ts";
import { keyOf } from "../domain/name.ts";
import { INTRODUCED, type Introduced } from "./deployed.ts";
import type { Shard } from "./shard.ts";
import { judgedOf } from "./target-rules.ts";

/**
 * Where the roster or the deployment's settings have changed, passes the roster and every target to the judge, and new assignments to the
 * vantages.
 */
export const introduce = (shard: Shard): void => {
  const { catalogue, permission, roster } = shard;
  const { controls, allowPrivate } = shard.deployed;
  const told: Introduced = { controls, allowPrivate, saysPublicOnly: true, roster };
  const words = JSON.stringify(told);
  if (catalogue.fact(INTRODUCED) === words) return;
  const rows = catalogue.targets();
  if (rows.length > 0) catalogue.raiseVersion();
  const now = shard.now();
  const { state } = shard.ledger;
  const targets = rows.map((row): EvidenceEvent => ({
    kind: "target",
    target: judgedOf(row, permission, state.targets.get(keyOf(row.site, row.target)), now),
    url: row.config.url,
    version: row.version,
  }));
  shard.tell([{ kind: "roster", vantages: roster }, ...targets], rows.length > 0);
  catalogue.setFact(INTRODUCED, words);
};
