import type { Client } from "../../client/client.ts";
import type { ListedTransition } from "../../domain/verdict.ts";
import type { Clock } from "../../schedule/clock.ts";
import { pause } from "../shared/time/pause.ts";
import { inWords } from "../shared/output/trouble.ts";

/** Rows of a screen are few, and so is what is read anew for them. */
const EVERY_MS = 5_000;
/** Lines of a log may be many; of what is more the oldest are left out, and that is said. */
const MAX_LISTED = 1_000;
/** A page may be empty although others follow. */
const MAX_PAGES = 100;
const PAGE = 100;

type Reader = Pick<Client, "transitions">;

export interface Span {
  /** An instant, or so long ago as `-1h`; undefined: nothing of the past is asked for. */
  since: string | undefined;
  site: string | undefined;
}

/** What has been since then, newest first. */
export interface RecentPast {
  transitions: readonly ListedTransition[];
  /** There was more. */
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

/** Page by page, as far as there is room. */
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

/** The newest of what has been, read beside the verdicts. While the detector does not answer what was known stays. */
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

  /** Until `stop`; `onRead` is called after each reading. Returns at once where nothing of the past is asked for. */
  async run(after: Clock["after"], stop: AbortSignal, onRead: () => void): Promise<void> {
    while (this.#span.since !== undefined && !stop.aborted) {
      await this.read();
      if (stop.aborted) return;
      onRead();
      await pause(after, EVERY_MS, stop);
    }
  }
}
