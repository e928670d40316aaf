import { Client } from "../../client/client.ts";
import { VerdictSnapshot } from "../shared/detector/verdict-snapshot.ts";
import { commandOf, EXIT_REFUSED } from "../command.ts";
import { after, machineWith } from "../shared/process/machine.ts";
import { paintFor } from "../shared/output/paint.ts";
import { onStopSignal } from "../shared/process/signals.ts";
import { inWords, isTokenRefused } from "../shared/output/trouble.ts";
import { linesBetween, linesOf, type SaidSoFar } from "./changes.ts";
import { watchGroup } from "./group-changes.ts";
import { DetectorHealth } from "./detector-health.ts";
import { readPast, Recent } from "./recent-past.ts";
import { Screen } from "./screen.ts";
import { parseSettings, type Settings, USAGE } from "./settings.ts";
import { drawnTable, type TableView } from "./table.ts";

const EXIT_NOT_REACHED = 4;
/** How long one read of all verdicts may take. */
const READ_LIMIT_MS = 5_000;
/** How often the table is drawn, even without answers, since durations go on. */
const DRAW_EVERY_MS = 1_000;

const titleOf = ({ url, site }: Settings): string => `Parallax ${url}${site === undefined ? "" : ` ${site}`}`;

/** The repeated readings of the detector. */
interface Read {
  census: VerdictSnapshot;
  health: DetectorHealth;
  recent: Recent;
}

const viewOf = (settings: Settings, { census, health, recent }: Read): TableView => ({
  title: titleOf(settings),
  known: census.known,
  outage: census.outage,
  reasons: health.reasons,
  past: settings.since === undefined ? undefined : { ...recent.past, since: settings.since },
  now: Date.now(),
});

/** Whether the detector answers that there is no such site, and it was not there before: waiting for it would never end. */
const isNowhere = ({ census: { known, outage } }: Read): boolean =>
  known === undefined && outage?.isNowhere === true;

/** The exit code after `run`, which is given a signal that also ends it where there is no such site. */
const whileThere = async (
  read: Read,
  stop: AbortSignal,
  run: (stop: AbortSignal, onRead: () => void) => Promise<unknown>,
): Promise<number> => {
  const nowhere = new AbortController();
  const onRead = (): void => {
    if (isNowhere(read)) nowhere.abort();
  };
  await run(AbortSignal.any([stop, nowhere.signal]), onRead);
  return isNowhere(read) ? notRead(read) : 0;
};

const notRead = ({ census }: Read): number => {
  process.stderr.write(`parallax watch: ${census.outage?.why ?? ""}\n`);
  return EXIT_NOT_REACHED;
};

/** Shows the table until `stop`, on a screen that is always given back. */
const live = async (settings: Settings, read: Read, stop: AbortSignal): Promise<number> => {
  const screen = new Screen(process.stdout);
  const paint = paintFor(true, process.env);
  const draw = (): void => screen.draw(drawnTable(viewOf(settings, read), screen.size, paint));
  process.once("exit", () => screen.close());
  screen.open(draw);
  const timer = setInterval(draw, DRAW_EVERY_MS);
  const readUntil = (end: AbortSignal, onRead: () => void): Promise<unknown> =>
    Promise.all([
      read.census.run(end, () => {
        draw();
        onRead();
      }),
      read.health.run(after, end, draw),
      read.recent.run(after, end, draw),
    ]);
  draw();
  return whileThere(read, stop, (end, onRead) =>
    readUntil(end, onRead).finally(() => {
      clearInterval(timer);
      // Before the last words, which the screen would take with it.
      screen.close();
    }),
  );
};

/** Prints a line for each change until `stop`. */
const lines = async (read: Read, stop: AbortSignal): Promise<number> => {
  const { census, health } = read;
  let told: SaidSoFar = { known: undefined, outage: undefined, reasons: [] };
  const tell = (): void => {
    const { known, outage } = census;
    const { reasons } = health;
    for (const line of linesBetween(told, { known, outage, reasons }))
      process.stdout.write(`${new Date().toISOString()} ${line}\n`);
    told = { known, outage, reasons };
  };
  return whileThere(read, stop, (end, onRead) => {
    const tellOrEnd = (): void => {
      onRead();
      if (!end.aborted) tell();
    };
    return Promise.all([census.run(end, tellOrEnd), health.run(after, end, tell)]);
  });
};

const once = async (settings: Settings, read: Read): Promise<number> => {
  const { census, health } = read;
  const stop = new AbortController();
  await health.read();
  await census.run(stop.signal, () => stop.abort());
  if (census.outage !== undefined) return notRead(read);
  const columns = process.stdout.isTTY ? process.stdout.columns : Infinity;
  const paint = paintFor(process.stdout.isTTY, process.env);
  // The past transitions stand above the table, complete.
  const table = drawnTable(
    { ...viewOf(settings, read), past: undefined },
    { columns, rows: Infinity },
    paint,
  );
  process.stdout.write(`${table.join("\n")}\n`);
  return 0;
};

const work = async (settings: Settings): Promise<number> => {
  const { url, token, site, group } = settings;
  if (group !== undefined) return watchGroup(settings, group);
  const client = new Client(url, token, READ_LIMIT_MS);
  // A refused token is reported before the table appears; later a refusal may be an outage.
  const first = await client.verdicts({ site });
  if (isTokenRefused(first) && first.kind !== "ok") {
    process.stderr.write(`parallax watch: ${inWords(first)}\n`);
    return EXIT_REFUSED;
  }
  const read: Read = {
    census: new VerdictSnapshot(client, settings, machineWith(undefined)),
    health: new DetectorHealth(client),
    recent: new Recent(client, settings),
  };
  if (settings.since !== undefined && (settings.once || !process.stdout.isTTY))
    for (const line of linesOf(await readPast(client, settings))) process.stdout.write(`${line}\n`);
  if (settings.once) return once(settings, read);
  const stop = new AbortController();
  onStopSignal(() => stop.abort());
  // The reader of the lines is gone.
  process.stdout.on("error", () => stop.abort());
  return process.stdout.isTTY ? live(settings, read, stop.signal) : lines(read, stop.signal);
};

export const watchCommand = commandOf({
  name: "watch",
  summary: "a live table of all verdicts; lines of changes for a log",
  usage: USAGE,
  parse: parseSettings,
  work,
});
