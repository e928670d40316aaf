import type { Client } from "../../client/client.ts";
import type { ListedTransition } from "../../domain/verdict.ts";
import type { Clock } from "../../schedule/clock.ts";
import { pause } from "../shared/time/pause.ts";
import { inWords } from "../shared/output/trouble.ts";

/** How often the past is read again. A screen has few rows, so each reading is short. */
const EVERY_MS = 5_000;
/** The most lines for a log. Older ones are left out, and a line says so. */
const MAX_LISTED = 1_000;
/** A page may be empty although others follow. */
const MAX_PAGES = 100;
const PAGE = 100;

type Reader = Pick<Client, "transitions">;

export interface Span {
  /** An instant, or so long ago as `-1h`; undefined: no past is shown. */
  since: string | undefined;
  site: string | undefined;
}

/** The transitions since then, newest first. */
export interface RecentPast {
  transitions: readonly ListedTransition[];
  /** There were more transitions. */
  isCut: boolean;
  /** Why nothing, or not all, could be read. */
  trouble: string | undefined;
}

export const NO_PAST: RecentPast = { transitions: [], isCut: false, trouble: undefined };

const queryOf = ({ since = "", site }: Span) => ({
  since,
  ...(site === undefined ? {} : { site }),
  limit: PAGE,
});

/** Reads page by page, up to `most` transitions. */
export const readPast = async (client: Reader, span: Span, most = MAX_LISTED): Promise<RecentPast> => {
  const transitions: ListedTransition[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES && transitions.length < most; page++) {
    const called = await client.transitions({ ...queryOf(span), ...(cursor === null ? {} : { cursor }) });
    if (called.kind !== "ok") return { transitions, isCut: false, trouble: inWords(called) };
    transitions.push(...called.value.transitions);
    cursor = called.value.next;
    if (cursor === null) break;
  }
  const isCut = cursor !== null || transitions.length > most;
  return { transitions: transitions.slice(0, most), isCut, trouble: undefined };
};

/** Reads the newest transitions, beside the verdicts. While the detector does not answer, the last ones stay. */
export class Recent {
  readonly #client: Reader;
  readonly #span: Span;
  #past: RecentPast = NO_PAST;

  constructor(client: Reader, span: Span) {
    this.#client = client;
    this.#span = span;
  }

  get past(): RecentPast {
    return this.#past;
  }

  async read(): Promise<void> {
    const past = await readPast(this.#client, this.#span, PAGE);
    this.#past = past.trouble === undefined ? past : { ...this.#past, trouble: past.trouble };
  }

  /** Reads until `stop`. Calls `onRead` after each reading. Returns at once where no past is to be shown. */
  async run(after: Clock["after"], stop: AbortSignal, onRead: () => void): Promise<void> {
    while (this.#span.since !== undefined && !stop.aborted) {
      await this.read();
      if (stop.aborted) return;
      onRead();
      await pause(after, EVERY_MS, stop);
    }
  }
}
