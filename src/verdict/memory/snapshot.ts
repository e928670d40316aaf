/** The judge's memory as text, and back, whichever version of the judge wrote it. */
import { UNPROVEN } from "./sighting.ts";
import {
  emptyState,
  type ShardState,
  type SiteRecord,
  type TargetState,
  type VantageRecord,
} from "./state.ts";
import { NOTHING_KNOWN, UNSEEN_SITE, withoutLeavers, withoutUnused } from "./target.ts";

const MAP_KEY = "$map";

/** State to JSON text; maps become `{"$map": [[key, value], …]}`. */
export const dumpState = (state: ShardState): string =>
  JSON.stringify(state, (_key, value: unknown) => (value instanceof Map ? { [MAP_KEY]: [...value] } : value));

/** The inverse of `dumpState`. What an earlier judge did not remember is taken for unknown. */
export const loadState = (text: string): ShardState => {
  const state = JSON.parse(text, (_key, value: unknown) =>
    typeof value === "object" && value !== null && MAP_KEY in value
      ? new Map(value[MAP_KEY] as [string, unknown][])
      : value,
  ) as ShardState;
  const vantages = mapped(state.vantages, completeVantage);
  const targets = mapped(state.targets, (target) => withoutLeavers(completeTarget(target), vantages));
  // An earlier judge kept what was seen by those who are gone, and sites without targets.
  return withoutUnused({ ...emptyState(), ...state, vantages, targets, sites: indexed(state) });
};

/** The sites with the keys of their targets, which an earlier judge did not keep with them. */
const indexed = ({ sites, targets }: ShardState): Map<string, SiteRecord> => {
  const bySite = Map.groupBy(targets.keys(), (key) => targets.get(key)?.target.site ?? "");
  const names = new Set([...(sites?.keys() ?? []), ...bySite.keys()]);
  return new Map(
    [...names].map((site) => [
      site,
      { ...UNSEEN_SITE, ...sites?.get(site), targets: bySite.get(site) ?? [] },
    ]),
  );
};

const mapped = <T>(known: ReadonlyMap<string, T>, complete: (value: T) => T): Map<string, T> =>
  new Map([...known].map(([key, value]) => [key, complete(value)]));

const NEW_IN_VANTAGE = { proof: UNPROVEN, trustedSince: 0, madeAt: 0, turns: null };
const NEW_IN_CONTROL = { answeredAt: 0 };
const NEW_IN_TARGET = {
  proof: UNPROVEN,
  okAt: 0,
  troubled: true,
  beliefs: NOTHING_KNOWN,
  downSince: null,
  bootId: null,
  pastBoots: [],
  waiting: null,
  turns: [],
  candidate: null,
};
/** Of a judge that did not name its rules. */
const NEW_IN_STANDING = { rule: "earlier" };
const NEW_IN_BURSTS = { isGrave: false };

/** The value with what it lacks, in the order in which a new one would be written. */
const completed = <T extends object>(value: T, lacks: Partial<T>): T => ({ ...value, ...lacks, ...value });

const completeVantage = (record: VantageRecord): VantageRecord => ({
  ...completed(record, NEW_IN_VANTAGE),
  controls: mapped(record.controls, (control) => completed(control, NEW_IN_CONTROL)),
});

const completeTarget = (state: TargetState): TargetState => ({
  ...completed(state, NEW_IN_TARGET),
  standing: completed(state.standing, NEW_IN_STANDING),
  published: completed(state.published, NEW_IN_STANDING),
  bursts: completed(state.bursts, NEW_IN_BURSTS),
});
