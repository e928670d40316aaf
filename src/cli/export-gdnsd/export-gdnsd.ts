import { Client } from "../../client/client.ts";
import { Backoff } from "../backoff.ts";
import { commandOf, EXIT_REFUSED } from "../command.ts";
import { type Log, logToStderr } from "../log.ts";
import { after } from "../machine.ts";
import { pause } from "../pause.ts";
import { onStopSignal } from "../signals.ts";
import { keep, type Kept } from "./keeper.ts";
import { parseSettings, type Settings, USAGE } from "./settings.ts";
import { downIn } from "./states.ts";

const EXIT_NOT_KEPT = 1;
const RETRY = { firstMs: 1_000, longestMs: 5_000 };

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

/** Tells what changes, and each trouble when it begins and ends. */
const teller = (log: Log, file: string): ((kept: Kept) => void) => {
  let trouble: string | undefined;
  const told = new Set<string>();
  return (kept) => {
    if ("why" in kept) {
      if (kept.why !== trouble)
        log("warn", "not-kept", { file, reason: kept.why, consequence: "it stays as it was" });
      trouble = kept.why;
      return;
    }
    if (trouble !== undefined) log("info", "kept-again", { file });
    trouble = undefined;
    for (const host of kept.kept.filter((each) => !told.has(each))) {
      told.add(host);
      log("warn", "no-longer-named", { host, consequence: "its last line is kept; --allow-shrink drops it" });
    }
    if (kept.kind === "written")
      log("info", "written", { file, hosts: kept.states.size, down: downIn(kept.states) });
  };
};

const goOn = async (client: Client, settings: Settings, everyMs: number): Promise<number> => {
  const stop = new AbortController();
  onStopSignal(() => stop.abort());
  const backoff = new Backoff(Math.random, RETRY);
  const tell = teller(logToStderr, settings.out);
  while (!stop.signal.aborted) {
    const kept = await keep(client, settings, stop.signal);
    if (stop.signal.aborted) break;
    tell(kept);
    if ("why" in kept) await pause(after, Math.max(everyMs, backoff.fail()), stop.signal);
    else {
      backoff.reset();
      await pause(after, everyMs, stop.signal);
    }
  }
  return 0;
};

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
