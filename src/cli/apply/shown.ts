import type { Colour, Paint } from "../shared/output/paint.ts";
import type { WantedChange } from "./difference.ts";
import type { Plan } from "./plan.ts";
import { type ApplyStep, subjectOf } from "./step.ts";

const SIGNS: Record<ApplyStep["kind"], [string, Colour]> = {
  create: ["+", "green"],
  change: ["~", "yellow"],
  delete: ["-", "red"],
};

const shownChange = ({ field, from, to }: WantedChange): string => {
  if (from === undefined) return `    ${field}: ${to}`;
  return `    ${field}: ${from} → ${to ?? "(not set)"}`;
};

const shownStep = (step: ApplyStep, paint: Paint): string[] => {
  const [sign, colour] = SIGNS[step.kind];
  const head = paint(colour, `${sign} ${subjectOf(step)}`);
  return step.kind === "delete" ? [head] : [head, ...step.changes.map(shownChange)];
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** The difference, for people. */
export const shownPlan = ({ steps, same, sameGroups, unseen }: Plan, paint: Paint): string => {
  const hidden =
    unseen === 0
      ? ""
      : `Values of headers of ${unseen} of these cannot be compared: --send-secrets sends them anew.\n`;
  const groups = sameGroups === 0 ? "" : ` and ${counted(sameGroups, "group")}`;
  const verb = same + sameGroups === 1 && groups === "" ? "is" : "are";
  if (steps.length === 0)
    return `Nothing to do: ${counted(same, "target")}${groups} ${verb} as the file says.\n${hidden}`;
  const count = (kind: ApplyStep["kind"]): number => steps.filter((step) => step.kind === kind).length;
  const sum = `${count("create")} to create, ${count("change")} to change, ${count("delete")} to delete; ${same + sameGroups} as they are`;
  return `${steps.flatMap((step) => shownStep(step, paint)).join("\n")}\n${sum}\n${hidden}`;
};
