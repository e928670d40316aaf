import type { Called, Place } from "../../client/client.ts";
import type { GroupRequest } from "../../domain/group.ts";
import type { TargetConfig } from "../../domain/target.ts";
import { nameOf } from "../shared/arguments/place.ts";
import type { WantedChange } from "./difference.ts";

type Made<Config> =
  | { kind: "create"; config: Config; changes: WantedChange[] }
  | { kind: "change"; config: Config; changes: WantedChange[]; etag: string }
  | { kind: "delete"; etag: string };

/** One thing to do. `etag`: of the target or group as it was when it was compared. */
export type ApplyStep =
  | ({ of: "target"; place: Place } & Made<TargetConfig>)
  | ({ of: "group"; group: string } & Made<GroupRequest>);

/** The subject of a step, in words for people. */
export const subjectOf = (step: ApplyStep): string =>
  step.of === "target" ? nameOf(step.place) : `group ${step.group}`;

export type StepTrouble = Exclude<Called<unknown>, { kind: "ok" }>;

export const isTrouble = (value: object): value is StepTrouble =>
  "kind" in value && (value.kind === "refused" || value.kind === "failed");
