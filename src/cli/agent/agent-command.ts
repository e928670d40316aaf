import { commandOf } from "../command.ts";
import { hideCode } from "../shared/joining/credential.ts";
import { logToStderr } from "../shared/output/log.ts";
import { print } from "../shared/output/print.ts";
import { speakBeside } from "./beside.ts";
import { runChild } from "./exec.ts";
import { parseSettings, USAGE } from "./settings.ts";

/** Sends what a node says of itself: heartbeats while its process lives, a notice when the process ends. */
export const agent = commandOf({
  name: "agent",
  summary: "speak for a node: heartbeats, and a notice when it crashes",
  usage: USAGE,
  parse: parseSettings,
  work: async (settings) => {
    if ("print" in settings) {
      print(settings.print);
      return 0;
    }
    hideCode("parallax agent");
    const { charge } = settings;
    if (charge.kind === "exec") return runChild(settings, charge, logToStderr);
    return speakBeside(settings, charge);
  },
});
