import { type Called, failed, mapped } from "../../client/called.ts";
import type { Connection } from "../../client/connection.ts";
import { pathOf, type Place, queryOf } from "../../client/paths.ts";
import type { Reader } from "../../client/reader.ts";
import { fromInstant, toInstant } from "../../domain/plain/rfc3339.ts";
import { groupsIn } from "../groups.tsx";
import { SPAN_MS } from "../lanes.ts";
import type { ShownCommand } from "../commands.ts";
import type { Read } from "../replay/recording.ts";
import type {
  Evidence,
  EvidenceAnswer,
  PageState,
  ShownTransition,
  ShownVerdict,
  StatedGroup,
  PageView,
} from "../shown-state.ts";

/**
 * Takes the detector's answers without validation, since it also sent this page. A schema library would be five times as large as all else.
 */
export const trusted = <T>(): Reader<T> => ({
  safeParse: (value) => ({ success: true, data: value as T }),
});

/** The answer about a shard's 500 targets by 16 vantages is some 100 KB. */
const LONGEST_BYTES = 64 * 1_048_576;
const CHANGES = 40;
/** The most transitions that one call about the past answers, and the most that are asked for. */
const PAGE_OF_CHANGES = 100;
const PAST_CHANGES_MAX = 2_000;

/** The most pages of evidence; some 4 MB each. */
const PAGES_MAX = 10;

/** Joins two lists. An entry that comes again is the same, word for word, and is kept once. Entries older than `from` are dropped. */
const joinedLists = <T extends { at: string }>(
  before: readonly T[],
  after: readonly T[],
  from: string,
): T[] => {
  const known = new Set(before.map((one) => JSON.stringify(one)));
  return [...before, ...after.filter((one) => !known.has(JSON.stringify(one)))].filter(
    ({ at }) => at >= from,
  );
};

/** The known evidence with that of a new answer, each entry once. */
export const joinedEvidence = (before: Evidence | null, after: Evidence): Evidence => {
  const from = toInstant(fromInstant(after.until) - SPAN_MS);
  return {
    until: after.until,
    reachesBackTo: after.reachesBackTo,
    observations: joinedLists(before?.observations ?? [], after.observations, from),
    heartbeats: joinedLists(before?.heartbeats ?? [], after.heartbeats, from),
    notices: joinedLists(before?.notices ?? [], after.notices, from),
  };
};

/** The calls that the page is made from. */
export class PageSource {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async matrix({ site, target }: PageView): Promise<Called<PageState["matrix"]>> {
    const called = await this.#json<PageState["matrix"]>(`/v1/matrix${queryOf({ site: site ?? undefined })}`);
    return target === null
      ? called
      : mapped(called, (matrix) => ({
          ...matrix,
          targets: matrix.targets.filter((row) => row.target === target),
        }));
  }

  verdict(place: Place): Promise<Called<ShownVerdict>> {
    return this.#json(`${pathOf(place)}/verdict`);
  }

  async transitions({ site, target }: PageView): Promise<Called<PageState["transitions"]>> {
    const query = queryOf({ site: site ?? undefined, target: target ?? undefined, limit: CHANGES });
    const called = await this.#json<{ transitions: PageState["transitions"] }>(`/v1/transitions${query}`);
    return mapped(called, ({ transitions }) => transitions);
  }

  /** Drills under way; for a view of one target also those of the last hour. */
  async drills({ target }: PageView): Promise<Called<PageState["drills"]>> {
    const called = await this.#json<{ drills: PageState["drills"] }>(
      `/v1/drills${queryOf({ since: target === null ? undefined : "-1h" })}`,
    );
    return mapped(called, ({ drills }) => drills);
  }

  async groups(view: PageView): Promise<Called<PageState["groups"]>> {
    const called = await this.#json<{ groups: StatedGroup[] }>("/v1/groups?with=state");
    return mapped(called, ({ groups }) => groupsIn(groups, view));
  }

  /** The evidence of a target since an instant, all its pages. */
  async evidence(place: Place, since: string): Promise<Called<Evidence>> {
    let known: Evidence | null = null;
    let cursor: string | undefined;
    for (let page = 0; page < PAGES_MAX; page++) {
      const query = queryOf({ only: "observed", since, cursor });
      const called = await this.#json<Evidence & { next: string | null }>(
        `${pathOf(place)}/evidence${query}`,
      );
      if (called.kind !== "ok") return called;
      known = joinedEvidence(known, called.value);
      if (called.value.next === null) break;
      cursor = called.value.next;
    }
    return known === null ? failed("no page of evidence came") : { kind: "ok", value: known };
  }

  /** The calls by which a recording asks for the past. */
  read(pause: () => Promise<void>): Read {
    return {
      pause,
      evidence: async (place, query) => {
        const called = await this.#json<EvidenceAnswer>(`${pathOf(place)}/evidence${queryOf(query)}`);
        return called.kind === "ok" ? called.value : called.detail;
      },
      transitions: async (since) => {
        const all: ShownTransition[] = [];
        let cursor: string | undefined;
        do {
          // oxlint-disable-next-line no-await-in-loop -- one page leads to the next
          const called = await this.#json<{ transitions: ShownTransition[]; next: string | null }>(
            `/v1/transitions${queryOf({ since, limit: PAGE_OF_CHANGES, cursor })}`,
          );
          if (called.kind !== "ok") return called.detail;
          all.push(...called.value.transitions);
          cursor = called.value.next ?? undefined;
        } while (cursor !== undefined && all.length < PAST_CHANGES_MAX);
        return all;
      },
    };
  }

  health(): Promise<Called<PageState["health"]>> {
    return this.#json("/healthz");
  }

  #json<T>(path: string): Promise<Called<T>> {
    return this.#connection.json(path, trusted<T>(), { maxBytes: LONGEST_BYTES });
  }
}

/** Sends the call of an act. */
export const sendAct = (
  connection: Connection,
  { method, path, body }: ShownCommand,
): Promise<Called<unknown>> =>
  method === "DELETE"
    ? connection.done(path, { method })
    : connection.json(path, trusted(), { method, body });
