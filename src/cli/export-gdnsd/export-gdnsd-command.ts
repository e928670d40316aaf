import { Client } from "../../client/client.ts";
import { commandOf, EXIT_REFUSED } from "../command.ts";
import { keepFollowing, troubleTeller } from "../shared/detector/following.ts";
import { type Log, logToStderr } from "../shared/output/log.ts";
import { keep, type GdnsdWritten } from "./gdnsd-file.ts";
import { parseSettings, type Settings, USAGE } from "./settings.ts";
import { downIn } from "./states.ts";

const EXIT_NOT_KEPT = 1;

const once = async (client: Client, settings: Settings): Promise<number> => {
  const kept = await keep(client, settings);
  if ("why" in kept) {
    process.stderr.write(`parallax export-gdnsd: ${kept.why}; ${settings.out} stays as it was\n`);
    return kept.kind === "refused" ? EXIT_REFUSED : EXIT_NOT_KEPT;
  }
  const down = downIn(kept.states);
  const left = kept.kept.length === 0 ? "" : `, ${kept.kept.join(" ")} no longer named and kept`;
  process.stdout.write(
    `${kept.kind} ${settings.out}: ${kept.states.size} hosts, ${down.length} down${left}\n`,
  );
  return 0;
};

/** Logs what changes, and each trouble when it begins and ends. */
const teller = (log: Log, file: string): ((kept: GdnsdWritten) => void) => {
  const tellTrouble = troubleTeller(log, { file });
  const told = new Set<string>();
  return (kept) => {
    tellTrouble("why" in kept ? kept.why : undefined);
    if ("why" in kept) return;
    for (const host of kept.kept.filter((each) => !told.has(each))) {
      told.add(host);
      log("warn", "no-longer-named", { host, consequence: "its last line is kept; --allow-shrink drops it" });
    }
    if (kept.kind === "written")
      log("info", "written", { file, hosts: kept.states.size, down: downIn(kept.states) });
  };
};

const goOn = (client: Client, settings: Settings, everyMs: number): Promise<number> =>
  keepFollowing({
    everyMs,
    turn: (stop) => keep(client, settings, stop),
    tell: teller(logToStderr, settings.out),
    hasFailed: (kept) => "why" in kept,
  });

const work = (settings: Settings): Promise<number> => {
  const client = new Client(settings.url, settings.token, settings.timeoutMs);
  return settings.everyMs === undefined ? once(client, settings) : goOn(client, settings, settings.everyMs);
};

export const exportGdnsd = commandOf({
  name: "export-gdnsd",
  summary: "keep the file of gdnsd's plugin extfile",
  usage: USAGE,
  parse: parseSettings,
  work,
});
