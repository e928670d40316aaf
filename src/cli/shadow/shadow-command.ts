import { commandOf } from "../command.ts";
import { follow } from "./follow.ts";
import { printReport } from "./print-report.ts";
import { parseSettings, USAGE } from "./settings.ts";

/** `parallax shadow`. */
export const shadow = commandOf({
  name: "shadow",
  summary: "follow another checker beside Parallax, and compare the two",
  usage: USAGE,
  parse: parseSettings,
  work: (settings) => (settings.does === "report" ? printReport(settings) : follow(settings)),
});
