import type { Census } from "../domain/census.ts";
import type { Reading } from "../domain/reading.ts";
import { decodeReading } from "../domain/reading.ts";
import { maskedUrl } from "../domain/secrets.ts";
import type { TargetState } from "../verdict/memory/state.ts";
import { loadOf } from "./overload.ts";
import type { Shard } from "./shard.ts";
import { countWebhooks } from "./webhooks.ts";
import { rearmedOf, shownVantages } from "./watchdog.ts";

/** By site and then target; by key, `a-b/x` would come before `a/x`. */
const byName = ({ target: a }: TargetState, { target: b }: TargetState): number => {
  if (a.site !== b.site) return a.site < b.site ? -1 : 1;
  return a.target < b.target ? -1 : 1;
};

/** The ready-made answer goes in as it is. */
const counted = ({ url, target: { intervalMs } }: TargetState, { rehearsal, json }: Reading): string =>
  `${JSON.stringify({ rehearsal, url: maskedUrl(url), intervalMs }).slice(0, -1)},"verdict":${json}}`;

/** A `Census` as JSON: of all the shard's targets, or of those of one site, which may be none. */
export const censusOf = (shard: Shard, site: string | null): string => {
  const { state } = shard.ledger;
  const targets: string[] = [];
  for (const [key, target] of [...state.targets].toSorted(([, a], [, b]) => byName(a, b))) {
    const reading = site === null || site === target.target.site ? shard.read(key) : null;
    if (reading !== null) targets.push(counted(target, decodeReading(reading)));
  }
  const rest: Omit<Census, "targets"> = {
    shard: shard.number,
    vantages: shownVantages(state, rearmedOf(shard.catalogue), shard.deployed.controls),
    webhooks: countWebhooks(shard),
    load: loadOf(shard.ledger.state, shard.notices.punctuality, shard.now()),
    counters: shard.counters,
  };
  return `${JSON.stringify(rest).slice(0, -1)},"targets":[${targets.join(",")}]}`;
};
