import type { Called, Failed, Refused } from "../../client/called.ts";
import { toInstant } from "../../domain/plain/rfc3339.ts";
import { wantedCards } from "../cards.ts";
import { groupsIn } from "../groups.tsx";
import { SPAN_MS } from "../lanes.ts";
import type { Evidence, Live, PageState, ShownVerdict, PageView } from "../shown-state.ts";
import { clockOf } from "../plain-words.ts";
import type { PageClock } from "./page-clock.ts";
import { joinedEvidence, type PageSource } from "./source.ts";

/** Even a page that gets events polls this often: latencies and the soundness of vantages are not transitions. */
const EVERY_MS = 5_000;
/** A detector with very many targets is polled less often: about this long for each target. */
const PER_TARGET_MS = 3;
/** Each group costs the detector one call. */
const PER_GROUP_MS = 100;
/** Parts that change little are asked for anew this often, and whenever something has changed. */
const ALL_EVERY_MS = 60_000;
/** Evidence costs the detector more to gather than everything else on the page. */
const EVIDENCE_EVERY_MS = 15_000;
/** The page may be this old without a warning. The detector itself holds no verdict for fresh for less. */
const OLD_MS = 15_000;

type Shown = Omit<PageState, "now" | "live" | "missing" | "groups">;
type Trouble = Refused | Failed;

/** The parts of a state before the detector has answered. */
const UNTOLD: Pick<Shown, "transitions" | "drills"> = { transitions: null, drills: null };

/** The keeper's connections to the outside. */
export interface KeeperPorts {
  source: Pick<
    PageSource,
    "matrix" | "verdict" | "groups" | "transitions" | "drills" | "health" | "evidence"
  >;
  clock: PageClock;
  elapsedMs: () => number;
  origin: string;
  /** Called whenever there is something new to draw. */
  changed: () => void;
}

/** Holds the state that the page shows, and asks for it anew. */
export class PageKeeper {
  readonly #world: KeeperPorts;
  #view: PageView;
  #shown: Shown | null = null;
  #trouble: Trouble | null = null;
  #by: Live["by"] = "polls";
  #allAt = -Infinity;
  #evidence: Evidence | null = null;
  #evidenceAt = -Infinity;
  /** Undefined until the first answer about groups, or the first failure. */
  #groups: PageState["groups"] | undefined;
  #groupsAsked = 0;
  rows: Live["rows"];

  constructor(world: KeeperPorts, view: PageView, rows: Live["rows"]) {
    this.#world = world;
    this.#view = view;
    this.rows = rows;
  }

  get view(): PageView {
    return this.#view;
  }

  /** Whether asking again is pointless: the token opens nothing any more. */
  get isOver(): boolean {
    return this.#trouble?.kind === "refused" && this.#trouble.status === 401;
  }

  /** How long to wait before asking again. */
  get waitMs(): number {
    const [targets, grouped] = [this.#shown?.matrix.targets.length ?? 0, this.#groups?.length ?? 0];
    return Math.max(EVERY_MS, PER_TARGET_MS * targets, PER_GROUP_MS * grouped);
  }

  set by(by: Live["by"]) {
    this.#by = by;
    this.#world.changed();
  }

  /** Shows another view. What is known of it is shown at once, and the rest comes with the next look. */
  turn(view: PageView): void {
    const isOther = this.#isOther(view);
    this.#view = view;
    if (isOther) {
      this.#allAt = -Infinity;
      this.#evidence = null;
      this.#evidenceAt = -Infinity;
      this.#groups = this.#groups && groupsIn(this.#groups, view);
    }
    if (this.#shown !== null) this.#shown = isOther ? narrowed(this.#shown, view) : { ...this.#shown, view };
    this.#world.changed();
  }

  /** Something has changed, so the next look asks for everything. */
  expire(): void {
    this.#allAt = -Infinity;
  }

  /** Asks for what is shown. Never rejects. */
  async look(): Promise<void> {
    const { source, clock, elapsedMs } = this.#world;
    const view = this.#view;
    const beganAt = elapsedMs();
    const isAll = beganAt - this.#allAt >= ALL_EVERY_MS;
    void this.#askGroups(view);
    const [matrix, health, transitions, drills] = await Promise.all([
      source.matrix(view),
      source.health(),
      isAll ? source.transitions(view) : undefined,
      isAll ? source.drills(view) : undefined,
    ]);
    if (this.#isOther(view)) return;
    if (matrix.kind !== "ok") return this.#fail(matrix);
    clock.tell(Date.parse(matrix.value.asOf), (beganAt + elapsedMs()) / 2);
    const [verdicts] = await Promise.all([
      this.#verdicts(matrix.value, view),
      this.#see(view, beganAt, matrix.value.asOf),
    ]);
    if (this.#isOther(view)) return;
    this.#trouble = null;
    if (transitions?.kind === "ok" && drills?.kind === "ok") this.#allAt = beganAt;
    const before = this.#shown ?? UNTOLD;
    this.#shown = {
      view: this.#view,
      origin: this.#world.origin,
      matrix: matrix.value,
      verdicts,
      transitions: valueOf(transitions, before.transitions),
      evidence: this.#evidence,
      drills: valueOf(drills, before.drills),
      health: valueOf(health, null),
    };
    this.#world.changed();
  }

  /** Asks for the groups. Nothing else waits for the answer: a silent conductor delays it for as long as it may. */
  async #askGroups(view: PageView): Promise<void> {
    const turn = ++this.#groupsAsked;
    const called = await this.#world.source.groups(view);
    if (this.#isOther(view) || turn !== this.#groupsAsked) return;
    this.#groups = valueOf(called, this.#groups ?? null);
    this.#world.changed();
  }

  /** Whether another view is shown by now, so that an answer for this view is of no use. */
  #isOther({ site, target }: PageView): boolean {
    return site !== this.#view.site || target !== this.#view.target;
  }

  /** The state to draw; null while nothing is known yet. */
  state(): PageState | null {
    const now = this.#world.clock.now();
    if (this.#shown === null || now === null) return null;
    const live: Live = { by: this.#by, rows: this.rows, trouble: this.#troubleAt(now) };
    return { ...this.#shown, groups: this.#groups === undefined ? [] : this.#groups, now, live, missing: [] };
  }

  #fail(trouble: Trouble): void {
    this.#trouble = trouble;
    this.#world.changed();
  }

  async #verdicts(matrix: PageState["matrix"], view: PageView): Promise<ShownVerdict[]> {
    const wanted = wantedCards(matrix.targets, view);
    const called = await Promise.all(wanted.map((place) => this.#world.source.verdict(place)));
    return called.flatMap((one, index) => {
      if (one.kind === "ok") return [one.value];
      const { site, target } = wanted[index] ?? { site: "", target: "" };
      return this.#shown?.verdicts.find((known) => known.site === site && known.target === target) ?? [];
    });
  }

  /** Asks for the evidence of the one target in view: of the last hour at first, then since the last answer. */
  async #see(view: PageView, now: number, asOf: string): Promise<void> {
    const { site, target } = view;
    if (site === null || target === null || now - this.#evidenceAt < EVIDENCE_EVERY_MS) return;
    this.#evidenceAt = now;
    const since = this.#evidence?.until ?? toInstant(Date.parse(asOf) - SPAN_MS);
    const called = await this.#world.source.evidence({ site, target }, since);
    if (called.kind === "ok" && !this.#isOther(view))
      this.#evidence = joinedEvidence(this.#evidence, called.value);
  }

  /** Why the page may be out of date. The text stays the same while nothing changes, since screen readers read each change out. */
  #troubleAt(now: number): string {
    const asOf = this.#shown?.matrix.asOf ?? "";
    const shown = `What is shown is of ${clockOf(asOf, now)}.`;
    const trouble = this.#trouble;
    if (this.isOver)
      return `The token opens nothing any more: it was revoked, or there is another now. ${shown} Reload this page to give another.`;
    if (trouble?.kind === "failed")
      return `The detector does not answer. ${shown} It is asked again and again.`;
    if (trouble !== null) return `The detector refuses: ${trouble.detail}. ${shown}`;
    const age = now - Date.parse(asOf);
    return age > Math.max(OLD_MS, 3 * this.waitMs) || this.#hasRunOut(now)
      ? `${shown} It is out of date.`
      : "";
  }

  /** Whether a verdict was valid until an instant that has passed. */
  #hasRunOut(now: number): boolean {
    const { verdicts = [], matrix } = this.#shown ?? {};
    const asOf = Date.parse(matrix?.asOf ?? "");
    return verdicts.some(({ validUntil }) => {
      const until = validUntil === null ? Infinity : Date.parse(validUntil);
      // A verdict that had already run out when it was sent is for the detector to mark, and it does.
      return until < now && until >= asOf;
    });
  }
}

const valueOf = <T>(called: Called<T> | undefined, otherwise: T): T =>
  called?.kind === "ok" ? called.value : otherwise;

/** What is known of another view before it is asked for. */
const narrowed = (shown: Shown, view: PageView): Shown => {
  const isIn = (one: { site: string; target: string }): boolean =>
    (view.site === null || one.site === view.site) && (view.target === null || one.target === view.target);
  return {
    ...shown,
    view,
    evidence: null,
    matrix: { ...shown.matrix, targets: shown.matrix.targets.filter(isIn) },
    transitions: shown.transitions?.filter(isIn) ?? null,
  };
};
