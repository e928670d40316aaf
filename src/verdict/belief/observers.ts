/**
 * How likely it is that a vantage itself has broken since anything last answered it, told by what it
 * misses elsewhere: a message from every other site and from its controls. A vantage that fails
 * everywhere explains its silences here, and its path needs no cut of its own.
 *
 * One message says at most what one cut path would: a site whose path from this vantage may be cut
 * cannot make the vantage broken alone. Rejected: enumerating vantages with paths, which doubles the
 * configurations of every site for what one number carries.
 */
import { CAUSES, LIKELIHOOD, type Priors } from "../likelihood.ts";
import { silenceNats } from "./site-evidence.ts";
import type { Tuning } from "../tuning.ts";
import type { ShardState, TargetState, VantageRecord } from "../memory/state.ts";
import { trailingSilences } from "../facts/trailing.ts";

const CUT_CHANCE = LIKELIHOOD.connect_timeout.dead;
/** A control is down, and not we, about this often. */
const CONTROL_DOWN = 0.02;

/** Chance that the vantage is broken, as far as it can be told without looking at this site. */
export type BrokenChance = (record: VantageRecord, site: string) => number;

/** Gathers the messages of all troubled targets; linear in their edges. */
export const brokenChances = (
  shard: ShardState,
  since: number,
  tuning: Tuning,
  priors: Priors,
): BrokenChance => {
  const messages = new Map<string, Map<string, number>>();
  for (const state of shard.targets.values())
    if (state.troubled && !state.target.paused) addMessages(messages, shard, state, since, tuning);
  return (record, site) => {
    let nats = Math.log(priors.vantage / (1 - priors.vantage)) + controlNats(record, since);
    for (const [other, silence] of messages.get(record.vantage.id) ?? [])
      if (other !== site)
        nats += Math.log(CUT_CHANCE / (priors.path * CUT_CHANCE + (1 - priors.path) * Math.exp(silence)));
    const odds = Math.exp(Math.min(nats, 30));
    return odds / (1 + odds);
  };
};

/** Adds, by vantage and site, how likely its silences since its last answer are while it is sound. */
const addMessages = (
  messages: Map<string, Map<string, number>>,
  { vantages }: ShardState,
  state: TargetState,
  since: number,
  tuning: Tuning,
): void => {
  const chance = silentChance(state);
  for (const [id, edge] of state.edges) {
    const record = vantages.get(id);
    if (record === undefined) continue;
    const silences = { first: 0, repeats: 0 };
    for (const { begin, weight, isRepeat } of trailingSilences(edge, since, tuning))
      if (begin > record.proof.at) silences[isRepeat ? "repeats" : "first"] += weight;
    if (silences.first + silences.repeats === 0) continue;
    const sites = messages.get(id) ?? new Map<string, number>();
    messages.set(id, sites);
    const { site } = state.target;
    sites.set(site, (sites.get(site) ?? 0) + silenceNats(silences, chance));
  }
};

/** Chance of silence from a target of which this was last believed: the dead tell nothing of who looks. */
const silentChance = ({ beliefs }: TargetState): number =>
  CAUSES.reduce((chance, cause) => chance + beliefs[cause] * LIKELIHOOD.connect_timeout[cause], 1e-4);

const controlNats = ({ controls, proof }: VantageRecord, since: number): number => {
  let nats = 0;
  for (const { answered, begin } of controls.values())
    if (!answered && begin > proof.at && begin >= since) nats -= Math.log(CONTROL_DOWN);
  return nats;
};
