import { Client } from "../../client/client.ts";
import type { VerdictAnswer } from "../../domain/verdict.ts";
import { Backoff } from "../shared/time/backoff.ts";
import { EXIT_REFUSED, EXIT_USAGE } from "../command.ts";
import type { Log } from "../shared/output/log.ts";
import { logToStderr } from "../shared/output/log.ts";
import { boundLookups } from "../shared/network/lookup.ts";
import { after } from "../shared/process/machine.ts";
import { pause } from "../shared/time/pause.ts";
import { onStopSignal } from "../shared/process/signals.ts";
import { inOneLine, inWords, isTokenRefused } from "../shared/output/trouble.ts";
import { type Entry, ShadowJournal } from "./shadow-journal.ts";
import { Looks } from "./looks.ts";
import { pairLines } from "./pairing.ts";
import { Recorder } from "./recorder.ts";
import type { FollowSettings } from "./settings.ts";
import { shownFlaw } from "./shown-flaw.ts";
import type { Named } from "./sources/checker-source.ts";

const EXIT_NOT_WRITTEN = 1;
const EXIT_NOT_REACHED = 4;
const READ_LIMIT_MS = 10_000;
/** How often a run writes that it is watching. After a kill, up to this much of its time counts as not watched. */
const BEAT_MS = 10_000;
const RETRY = { firstMs: 1_000, longestMs: 5_000 };

const complain = (text: string): void => void process.stderr.write(`parallax shadow: ${text}\n`);

/** Writes entries to the journal. A failure of the disk ends the run. */
class Desk {
  readonly #journal: ShadowJournal;
  readonly #recorder: Recorder;
  readonly #log: Log;
  #pairs = "";

  constructor(journal: ShadowJournal, recorder: Recorder, log: Log) {
    this.#journal = journal;
    this.#recorder = recorder;
    this.#log = log;
  }

  put(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    for (let left = entries; left.length > 0;)
      left = this.#journal.append(left) ? this.#recorder.forget() : [];
    for (const entry of entries) this.#tell(entry);
  }

  #tell(entry: Entry): void {
    if (entry.kind === "silent") this.#log("warn", "checker-silent", { reason: entry.why });
    if (entry.kind === "lost" && entry.why !== null)
      this.#log("warn", "detector-lost", { reason: entry.why });
    const { pairs } = this.#recorder;
    const shown = JSON.stringify(pairs);
    if (entry.kind !== "pairs" || shown === this.#pairs) return;
    this.#pairs = shown;
    process.stderr.write(`${pairLines(pairs, this.#recorder.absent, this.#recorder.whys).join("\n")}\n`);
  }
}

/** What the tasks of one run share. */
interface Scene {
  settings: FollowSettings;
  client: Client;
  recorder: Recorder;
  desk: Desk;
  looks: Looks;
  stop: AbortSignal;
}

const pollOnce = async ({ settings, recorder, desk, looks, stop }: Scene): Promise<void> => {
  let named: Named[];
  try {
    named = await settings.poll(stop);
  } catch (error) {
    if (!stop.aborted) desk.put(recorder.silent((error as Error).message));
    return;
  }
  if (stop.aborted) return;
  desk.put(recorder.polled(named));
  looks.heard(named, recorder.pairs);
};

const followChecker = async (scene: Scene): Promise<void> => {
  const { settings, stop } = scene;
  while (!stop.aborted) {
    const begun = performance.now();
    await pollOnce(scene);
    await pause(after, Math.max(0, settings.everyMs - (performance.now() - begun)), stop);
  }
};

/** All verdicts, requested until they come. */
const verdictsOf = async ({ client, recorder, desk, stop }: Scene): Promise<VerdictAnswer[]> => {
  const backoff = new Backoff(Math.random, RETRY);
  while (!stop.aborted) {
    const called = await client.verdicts({ stop });
    if (called.kind === "ok") return called.value;
    if (stop.aborted) break;
    desk.put(recorder.lost(inWords(called), false));
    await pause(after, backoff.fail(), stop);
  }
  return [];
};

/** Follows the detector until `stop`, or until a failure that a retry cannot change: then it resolves with the reason. */
const followDetector = async (scene: Scene, from: string | undefined): Promise<string | undefined> => {
  const { client, recorder, desk, stop } = scene;
  for await (const event of client.events({ after: from, stop })) {
    if (event.kind === "transition") desk.put(recorder.event(event.id, event.data));
    else if (event.kind === "trouble") {
      const { called, retryMs } = event;
      if (retryMs === null) return inWords(called);
      const isEnd = called.kind === "failed" && called.detail === "the stream ended";
      desk.put(recorder.lost(inWords(called), isEnd));
    } else {
      const verdicts = await verdictsOf(scene);
      if (!stop.aborted) desk.put(recorder.verdicts(event.id, verdicts));
    }
  }
  return undefined;
};

const beat = async ({ desk, stop }: Scene): Promise<void> => {
  for (; !stop.aborted; await pause(after, BEAT_MS, stop)) desk.put([{ kind: "beat" }]);
};

/** Reads both sides once and prints which target each name stands for. */
const listOnly = async (settings: FollowSettings, client: Client): Promise<number> => {
  const recorder = new Recorder(settings.rules);
  const called = await client.verdicts();
  if (called.kind !== "ok") {
    complain(inWords(called));
    return isTokenRefused(called) ? EXIT_REFUSED : EXIT_NOT_REACHED;
  }
  try {
    recorder.polled(await settings.poll(new AbortController().signal));
  } catch (error) {
    complain(`the checker: ${inOneLine((error as Error).message)}`);
    return EXIT_NOT_REACHED;
  }
  recorder.verdicts("", called.value);
  process.stdout.write(`${pairLines(recorder.pairs, recorder.absent, recorder.whys).join("\n")}\n`);
  return Object.keys(recorder.pairs.pairs).length > 0 ? 0 : EXIT_NOT_WRITTEN;
};

/** The journal of these settings, or an exit code after printing why there is none. */
const opened = ({ out, maxBytes, kind, everyMs }: FollowSettings): ShadowJournal | number => {
  try {
    const journal = ShadowJournal.open({ file: out, maxBytes, kind, everyMs, now: Date.now });
    if (journal instanceof ShadowJournal) return journal;
    for (const line of "why" in journal ? [journal.why] : journal.flaws.map(shownFlaw)) complain(line);
    return EXIT_USAGE;
  } catch (error) {
    complain((error as Error).message);
    return EXIT_NOT_WRITTEN;
  }
};

/** Records the answers of both sides until a signal. Resolves with the exit code. */
export const follow = async (settings: FollowSettings): Promise<number> => {
  boundLookups(process.env);
  const client = new Client(settings.url, settings.token, READ_LIMIT_MS);
  if (settings.list) return listOnly(settings, client);
  const journal = opened(settings);
  if (typeof journal === "number") return journal;
  const stopped = new AbortController();
  onStopSignal(() => stopped.abort());
  const recorder = new Recorder(settings.rules);
  const desk = new Desk(journal, recorder, logToStderr);
  const looks = new Looks(client, (entry) => desk.put([entry]), stopped.signal);
  const scene: Scene = { settings, client, recorder, desk, looks, stop: stopped.signal };
  let refused: string | undefined;
  try {
    await Promise.all([
      followChecker(scene),
      beat(scene),
      followDetector(scene, journal.cursor).then((why) => {
        refused = why;
        stopped.abort();
      }),
    ]);
    desk.put([{ kind: "off" }]);
  } catch (error) {
    stopped.abort();
    complain(`${settings.out}: ${(error as Error).message}`);
    return EXIT_NOT_WRITTEN;
  } finally {
    journal.close();
  }
  if (refused !== undefined) complain(refused);
  return refused === undefined ? 0 : EXIT_REFUSED;
};
