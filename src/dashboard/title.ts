import type { PageState } from "./shown-state.ts";
import { inTrouble } from "./plain-words.ts";

/** The title of a tab: how many targets are in trouble, and which part of the deployment it shows. */
export const titleOf = ({ matrix, view: { site, target } }: PageState): string => {
  const troubled = matrix.targets.filter(inTrouble).length;
  const where = [site, target].filter((name) => name !== null).join("/");
  const what = troubled === 0 ? "all well" : `${troubled} in trouble`;
  return [matrix.targets.length === 0 ? "nothing watched" : what, where, "Parallax"]
    .filter((part) => part !== "")
    .join(" · ");
};
