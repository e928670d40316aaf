import type { Client, Place } from "../../client/client.ts";
import type { TargetAnswer, TargetConfig } from "../../domain/target.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { type WantedChange, changesBetween } from "./difference.ts";
import { groupSteps } from "./group-plan.ts";
import { isTrouble, type ApplyStep, type StepTrouble } from "./step.ts";
import type { WantedItem, Wishes } from "./wishes.ts";

export interface Plan {
  steps: ApplyStep[];
  /** How many targets, and groups, match the file. */
  same: number;
  sameGroups: number;
  /** How many of them have secrets. The API does not show secrets, so whether those match is unknown. */
  unseen: number;
}

interface Manner {
  prune: boolean;
  sendSecrets: boolean;
}

/** Targets of a site; none where there is no such site. */
const listed = async (client: Client, site: string): Promise<TargetAnswer[] | StepTrouble> => {
  const called = await client.targets.list(site);
  if (called.kind === "ok") return called.value;
  return called.kind === "refused" && called.status === 404 ? [] : called;
};

/** The target read anew, with its tag; undefined when it is gone meanwhile. */
const tagged = async (
  client: Client,
  place: Place,
): Promise<{ target: TargetAnswer; etag: string } | undefined | StepTrouble> => {
  const called = await client.targets.get(place);
  if (called.kind === "refused" && called.status === 404) return undefined;
  if (called.kind !== "ok") return called;
  const { target, etag } = called.value;
  if (etag === null) return { kind: "failed", detail: "something on the way took the ETag away" };
  return { target, etag };
};

/** Whether a target has headers, whose values the API never shows, so that they cannot be compared. */
const hasHeaders = ({ headers = {} }: TargetConfig): boolean => Object.keys(headers).length > 0;

const SENT_ANEW: WantedChange = { field: "headers", from: "as they are", to: "sent anew" };

const changesFor = (
  current: TargetAnswer | undefined,
  config: TargetConfig,
  manner: Manner,
): WantedChange[] => {
  const changes = changesBetween(current, config);
  return current !== undefined && manner.sendSecrets && hasHeaders(config)
    ? [...changes, SENT_ANEW]
    : changes;
};

const stepFor = async (
  client: Client,
  { place, config }: WantedItem,
  current: TargetAnswer | undefined,
  manner: Manner,
): Promise<ApplyStep | undefined | StepTrouble> => {
  if (current !== undefined && changesFor(current, config, manner).length === 0) return undefined;
  const found = await tagged(client, place);
  if (found === undefined)
    return { of: "target", kind: "create", place, config, changes: changesFor(undefined, config, manner) };
  if ("kind" in found) return found;
  const changes = changesFor(found.target, config, manner);
  return changes.length === 0
    ? undefined
    : { of: "target", kind: "change", place, config, changes, etag: found.etag };
};

const removal = async (client: Client, place: Place): Promise<ApplyStep | undefined | StepTrouble> => {
  const found = await tagged(client, place);
  if (found === undefined || "kind" in found) return found;
  return { of: "target", kind: "delete", place, etag: found.etag };
};

/** The steps that make the detector match the wishes: targets, then groups, deletions of targets last; or the call that failed. */
export const planFor = async (
  client: Client,
  wishes: Wishes,
  manner: Manner,
): Promise<Plan | StepTrouble> => {
  const current = new Map<string, TargetAnswer>();
  for (const site of wishes.sites) {
    const targets = await listed(client, site);
    if (!Array.isArray(targets)) return targets;
    for (const target of targets) current.set(nameOf(target), target);
  }
  const wished = new Set(wishes.targets.map(({ place }) => nameOf(place)));
  const surplus = manner.prune ? [...current.values()].filter((each) => !wished.has(nameOf(each))) : [];
  const plan: Plan = { steps: [], same: 0, sameGroups: 0, unseen: 0 };
  for (const wish of wishes.targets) {
    const step = await stepFor(client, wish, current.get(nameOf(wish.place)), manner);
    if (step === undefined) {
      plan.same += 1;
      if (hasHeaders(wish.config)) plan.unseen += 1;
    } else if (isTrouble(step)) return step;
    else plan.steps.push(step);
  }
  // A group needs its members' targets when it is made, and must drop a member before that target is deleted.
  const groups = await groupSteps(client, wishes.groups, manner.prune);
  if (isTrouble(groups)) return groups;
  plan.steps.push(...groups.steps);
  plan.sameGroups = groups.same;
  for (const { site, target } of surplus) {
    const step = await removal(client, { site, target });
    if (step === undefined) continue;
    if (isTrouble(step)) return step;
    plan.steps.push(step);
  }
  return plan;
};
