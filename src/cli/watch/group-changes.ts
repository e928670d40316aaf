import { Client } from "../../client/client.ts";
import type { GroupChange } from "../../domain/group.ts";
import { Backoff } from "../shared/time/backoff.ts";
import { EXIT_REFUSED } from "../command.ts";
import { changeLine, linesOfGroup } from "../shared/output/group-lines.ts";
import { after } from "../shared/process/machine.ts";
import { pause } from "../shared/time/pause.ts";
import { onStopSignal } from "../shared/process/signals.ts";
import { inWords, isTokenRefused } from "../shared/output/trouble.ts";
import type { Settings } from "./settings.ts";

const EXIT_NOT_REACHED = 4;
const READ_LIMIT_MS = 5_000;
const RETRY = { firstMs: 1_000, longestMs: 5_000 };
const PAGE = 100;
/** Limits the changes that are shown between two readings. More would come from a group that changes without end. */
const MAX_PAGES = 10;

type Trouble = Parameters<typeof inWords>[0];

/** Changes since the one of number `last`, oldest first. */
const changesAfter = async (
  { groups }: Client,
  group: string,
  last: number,
): Promise<GroupChange[] | Trouble> => {
  const found: GroupChange[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const called = await groups.history(group, { limit: PAGE, ...(cursor === null ? {} : { cursor }) });
    if (called.kind !== "ok") return called;
    const { changes, next } = called.value;
    const fresh = changes.filter(({ number }) => number > last);
    found.push(...fresh);
    cursor = next;
    if (cursor === null || fresh.length < changes.length) break;
  }
  return found.toReversed();
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

/** The settings for following one group. */
interface Watching {
  client: Client;
  group: string;
  json: boolean;
  everyMs: number;
}

/** A line for each change after number `last`, until `stop`. */
const follow = async ({ client, group, json, everyMs }: Watching, from: number, stop: AbortSignal) => {
  const backoff = new Backoff(Math.random, RETRY);
  // With `--json` each line is a change; other lines go to standard error.
  const remark = json ? complain : say;
  let last = from;
  let waitMs = everyMs;
  for (; !stop.aborted; await pause(after, waitMs, stop)) {
    const changes = await changesAfter(client, group, last);
    if (stop.aborted) return;
    if (!Array.isArray(changes)) {
      if (backoff.failures === 0) remark(`detector not reached: ${inWords(changes)}`);
      waitMs = Math.max(everyMs, backoff.fail());
      continue;
    }
    if (backoff.failures > 0) remark("detector reached again");
    backoff.reset();
    waitMs = everyMs;
    for (const change of changes) say(json ? JSON.stringify(change) : changeLine(change));
    last = changes.at(-1)?.number ?? last;
  }
};

const notRead = (trouble: Trouble): number => {
  complain(`parallax watch: ${inWords(trouble)}`);
  return isTokenRefused(trouble) ? EXIT_REFUSED : EXIT_NOT_REACHED;
};

/** Prints the group, then each change made or withheld, until a signal. Resolves with the exit code. */
export const watchGroup = async (
  { url, token, once, json, everyMs }: Settings,
  group: string,
): Promise<number> => {
  const client = new Client(url, token, READ_LIMIT_MS);
  // The newest change is read before the group itself, so that a change in between is shown twice rather than left out.
  const newest = await client.groups.history(group, { limit: 1 });
  if (newest.kind !== "ok") return notRead(newest);
  const first = await client.groups.get(group);
  if (first.kind !== "ok") return notRead(first);
  for (const line of json ? [JSON.stringify(first.value.group)] : linesOfGroup(first.value.group)) say(line);
  if (once) return 0;
  const stop = new AbortController();
  onStopSignal(() => stop.abort());
  // The reader of the lines is gone.
  process.stdout.on("error", () => stop.abort());
  await follow({ client, group, json, everyMs }, newest.value.changes[0]?.number ?? 0, stop.signal);
  return 0;
};
