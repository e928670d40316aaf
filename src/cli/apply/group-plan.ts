import type { Client } from "../../client/client.ts";
import { groupChanges } from "./group-difference.ts";
import { isTrouble, type ApplyStep, type StepTrouble } from "./step.ts";
import type { GroupWish } from "./wishes.ts";

type Groups = Client["groups"];

/** A group with its tag; undefined where there is none. */
const tagged = async (groups: Groups, name: string) => {
  const called = await groups.get(name);
  if (called.kind === "refused" && called.status === 404) return undefined;
  if (called.kind !== "ok") return called;
  const { group, etag } = called.value;
  const trouble: StepTrouble = { kind: "failed", detail: "something on the way took the ETag away" };
  return etag === null ? trouble : { group, etag };
};

const stepFor = async (
  groups: Groups,
  { group, config }: GroupWish,
): Promise<ApplyStep | undefined | StepTrouble> => {
  const found = await tagged(groups, group);
  if (found === undefined)
    return { of: "group", kind: "create", group, config, changes: groupChanges(undefined, config) };
  if (isTrouble(found)) return found;
  const changes = groupChanges(found.group, config);
  return changes.length === 0
    ? undefined
    : { of: "group", kind: "change", group, config, changes, etag: found.etag };
};

/** Groups that the file does not name. */
const removals = async (groups: Groups, wished: readonly GroupWish[]): Promise<ApplyStep[] | StepTrouble> => {
  const all = await groups.list();
  if (all.kind !== "ok") return all;
  const steps: ApplyStep[] = [];
  for (const { group } of all.value) {
    if (wished.some((wish) => wish.group === group)) continue;
    const found = await tagged(groups, group);
    if (found === undefined) continue;
    if (isTrouble(found)) return found;
    steps.push({ of: "group", kind: "delete", group, etag: found.etag });
  }
  return steps;
};

/** The steps that make groups match the wishes, deletions last, and how many groups match already. */
export const groupSteps = async (
  { groups }: Client,
  wished: readonly GroupWish[] | undefined,
  prune: boolean,
): Promise<{ steps: ApplyStep[]; same: number } | StepTrouble> => {
  const steps: ApplyStep[] = [];
  let same = 0;
  for (const wish of wished ?? []) {
    const step = await stepFor(groups, wish);
    if (step === undefined) same += 1;
    else if (isTrouble(step)) return step;
    else steps.push(step);
  }
  // A file without `groups` deletes none.
  const surplus = prune && wished !== undefined ? await removals(groups, wished) : [];
  return isTrouble(surplus) ? surplus : { steps: [...steps, ...surplus], same };
};
