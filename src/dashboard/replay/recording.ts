/** The detector's record of its past, judged again in this browser by the judge that runs in the detector. */
import { keyOf } from "../../domain/plain/names.ts";
import { fromInstant, toInstant } from "../../domain/plain/rfc3339.ts";
import type { EvidenceAnswer } from "../../domain/replay.ts";
import { differencesOf } from "../../replay/compare.ts";
import { type Recorded, recordedOf } from "../../replay/recorded.ts";
import { type Change, Replay } from "../../replay/rejudge.ts";
import { wantedCards } from "../cards.ts";
import { matrixOf } from "../matrix-view.ts";
import type { PageState, ShownTransition, ShownVerdict, PageView } from "../shown-state.ts";

interface Place {
  site: string;
  target: string;
}

/** The calls that ask for the past. A text in place of an answer gives the reason. */
export interface Read {
  evidence: (place: Place, query: { since: string; cursor?: string }) => Promise<EvidenceAnswer | string>;
  /** The transitions since then, newest first, as many as the detector lists. */
  transitions: (since: string) => Promise<ShownTransition[] | string>;
  /** Lets the browser do other work. */
  pause: () => Promise<void>;
}

/** The parts of a page that depend on the instant shown. */
export type PastState = Pick<PageState, "now" | "matrix" | "verdicts" | "transitions">;

/** How far back to ask for: the first of these that a browser can hold. */
const SINCE = ["-60m", "-15m", "-5m"];
/** The most pages taken of one shard, of some 4 MB each. */
const PAGES_MAX = 10;
const CHANGES_SHOWN = 40;

/** The pages of one shard, as far back as there are not too many. */
const pagesOf = async (read: Read, place: Place): Promise<EvidenceAnswer[] | string> => {
  for (const since of SINCE) {
    const pages: EvidenceAnswer[] = [];
    let cursor: string | null = null;
    do {
      // oxlint-disable-next-line no-await-in-loop -- one page leads to the next
      const page: EvidenceAnswer | string = await read.evidence(place, {
        since,
        ...(cursor === null ? {} : { cursor }),
      });
      if (typeof page === "string") return page;
      pages.push(page);
      cursor = page.next;
    } while (cursor !== null && pages.length < PAGES_MAX);
    if (cursor === null) return pages;
  }
  return `even of the last ${SINCE.at(-1)?.slice(1)} there is more than a browser can hold: use parallax replay`;
};

/** One shard's record, as it was judged and as it would have been judged. */
interface Shard {
  recorded: Recorded;
  asItWas: Replay;
  /** By the vantages that are left out. */
  otherwise: Map<string, Replay>;
}

const listed = ({ site, target, transition }: Change): ShownTransition => ({
  ...transition,
  site,
  target,
  drill: null,
  override: null,
  by: null,
  told: [],
});

/** The known past of all shards. */
export class Recording {
  readonly #read: Read;
  readonly #shards: readonly Shard[];
  /** The transitions as published, newest first. */
  readonly #transitions: readonly ShownTransition[];

  private constructor(read: Read, shards: readonly Shard[], transitions: readonly ShownTransition[]) {
    this.#read = read;
    this.#shards = shards;
    this.#transitions = transitions;
  }

  /** The past of these targets and of all targets judged together with them, or the reason why there is none. */
  static async load(read: Read, places: readonly Place[]): Promise<Recording | string> {
    const shards: Shard[] = [];
    const sites = new Set<string>();
    for (const place of places) {
      if (sites.has(place.site)) continue;
      // oxlint-disable-next-line no-await-in-loop -- which sites are judged together is known only afterwards
      const pages = await pagesOf(read, place);
      const recorded = typeof pages === "string" ? pages : recordedOf(pages);
      if (typeof recorded === "string") return recorded;
      // oxlint-disable-next-line no-await-in-loop -- the browser has one core for us
      const asItWas = await Replay.gradually(recorded, { without: [], policy: {} }, read.pause);
      shards.push({ recorded, asItWas, otherwise: new Map() });
      sites.add(place.site);
      for (const site of asItWas.stateAt(asItWas.until).sites.keys()) sites.add(site);
    }
    const [first] = shards;
    if (first === undefined) return "nothing is watched yet";
    const from = Math.max(...shards.map(({ asItWas }) => asItWas.from));
    const transitions = await read.transitions(toInstant(from));
    return typeof transitions === "string" ? transitions : new Recording(read, shards, transitions);
  }

  /** Epoch milliseconds from which on the past of all shards is known. */
  get from(): number {
    return Math.max(...this.#shards.map(({ asItWas }) => asItWas.from));
  }

  get until(): number {
    return Math.max(...this.#shards.map(({ asItWas }) => asItWas.until));
  }

  /** The instants of all published changes, the oldest first. */
  get instants(): number[] {
    return this.#shards
      .flatMap(({ recorded }) => recorded.published.map(({ at }) => fromInstant(at)))
      .toSorted((a, b) => a - b);
  }

  /** How many transitions differ from the published ones. With no vantage left out it is 0, unless another release judged then. */
  differences(without: readonly string[]): number {
    return this.#shards.reduce(
      (count, shard) =>
        count + differencesOf(shard.recorded.published, replayIn(shard, without).changes).length,
      0,
    );
  }

  /** Judges the whole past as if these vantages had never looked, unless that is done already. */
  async leaveOut(without: readonly string[]): Promise<void> {
    for (const shard of this.#shards) {
      const name = nameOf(without);
      if (without.length === 0 || shard.otherwise.has(name)) continue;
      // Only one other past is kept, since each takes as much memory as the original.
      shard.otherwise.clear();
      // oxlint-disable-next-line no-await-in-loop -- the browser has one core for us
      const replay = await Replay.gradually(shard.recorded, { without, policy: {} }, this.#read.pause);
      shard.otherwise.set(name, replay);
    }
  }

  /** What the page showed at `at` (epoch milliseconds), or would have shown without these vantages (see leaveOut). */
  stateAt(at: number, view: PageView, without: readonly string[]): PastState {
    const isWanted = (one: Place): boolean =>
      (view.site === null || one.site === view.site) && (view.target === null || one.target === view.target);
    const replays = this.#shards.map((shard) => replayIn(shard, without));
    const transitions = (without.length === 0 ? this.#transitions : replays.flatMap(newestOf))
      .filter((one) => isWanted(one) && fromInstant(one.at) <= at)
      .toSorted((a, b) => (a.at < b.at ? 1 : -1));
    const verdicts = replays
      .flatMap((replay) => replay.answersAt(at))
      .filter(isWanted)
      .map((verdict) => ({ ...verdict, told: toldBy(transitions, verdict, at) }))
      .toSorted((a, b) => (keyOf(a.site, a.target) < keyOf(b.site, b.target) ? -1 : 1));
    const matrix = matrixOf(verdicts, vantagesAt(replays, at), at);
    const wanted = new Set(wantedCards(matrix.targets, view).map((one) => keyOf(one.site, one.target)));
    return {
      now: at,
      matrix,
      verdicts: verdicts.filter((one) => wanted.has(keyOf(one.site, one.target))),
      transitions: transitions.slice(0, CHANGES_SHOWN),
    };
  }
}

const nameOf = (without: readonly string[]): string => without.toSorted().join(" ");

const replayIn = ({ asItWas, otherwise }: Shard, without: readonly string[]): Replay =>
  otherwise.get(nameOf(without)) ?? asItWas;

const newestOf = ({ changes }: Replay): ShownTransition[] => changes.map(listed);

/** The programs that had got the advice by then. How often they were answered is known only for now. */
const toldBy = (
  transitions: readonly ShownTransition[],
  { site, target, sequence }: ShownVerdict,
  at: number,
): NonNullable<ShownVerdict["told"]> =>
  transitions
    .find((one) => one.site === site && one.target === target && one.sequence === sequence)
    ?.told?.filter(({ first }) => fromInstant(first) <= at) ?? [];

/** One entry for each vantage. Where shards differ, a shard that does not believe the vantage prevails. */
const vantagesAt = (replays: readonly Replay[], at: number): Parameters<typeof matrixOf>[1] => {
  const known = new Map<string, Parameters<typeof matrixOf>[1][number]>();
  for (const replay of replays)
    for (const [id, { vantage, state, reason }] of replay.stateAt(at).vantages)
      if (known.get(id) === undefined || state !== "sound")
        known.set(id, { id, provider: vantage.provider, site: vantage.site ?? null, state, reason });
  return [...known.values()];
};
