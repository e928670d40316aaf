import { type Called, mapped } from "../../client/called.ts";
import type { Connection } from "../../client/connection.ts";
import { pathOf, type Place, queryOf } from "../../client/place.ts";
import type { Reader } from "../../client/reader.ts";
import type { Command } from "../commands.ts";
import type { Read } from "../replay/recording.ts";
import type { EvidenceAnswer, PageState, ShownTransition, ShownVerdict, View } from "../state.ts";

/** What the detector that sent this page says is taken as it is: a schema library would be five times as large as all else. */
export const trusted = <T>(): Reader<T> => ({
  safeParse: (value) => ({ success: true, data: value as T }),
});

/** A shard's 500 targets by 16 vantages are some 100 KB. */
const LONGEST_BYTES = 64 * 1_048_576;
const CHANGES = 40;
/** As many as one call tells of the past, and as many as are asked for. */
const PAGE_OF_CHANGES = 100;
const PAST_CHANGES_MAX = 2_000;

/** The calls of which the page is made. */
export class Source {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async matrix({ site, target }: View): Promise<Called<PageState["matrix"]>> {
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

  async transitions({ site, target }: View): Promise<Called<PageState["transitions"]>> {
    const query = queryOf({ site: site ?? undefined, target: target ?? undefined, limit: CHANGES });
    const called = await this.#json<{ transitions: PageState["transitions"] }>(`/v1/transitions${query}`);
    return mapped(called, ({ transitions }) => transitions);
  }

  async drills(): Promise<Called<PageState["drills"]>> {
    const called = await this.#json<{ drills: PageState["drills"] }>("/v1/drills");
    return mapped(called, ({ drills }) => drills);
  }

  /** How the past is asked for. */
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

/** Does what a person asked for. */
export const send = (connection: Connection, { method, path, body }: Command): Promise<Called<unknown>> =>
  method === "DELETE"
    ? connection.done(path, { method })
    : connection.json(path, trusted(), { method, body });
