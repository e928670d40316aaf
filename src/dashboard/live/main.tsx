/** @jsxImportSource preact */
/** The script of the page: draws the same parts anew as things change, and lets a person act. */
import { render, type VNode } from "preact";
import type { Called } from "../../client/called.ts";
import { Connection } from "../../client/connection.ts";
import { followStream } from "../../client/stream.ts";
import { toInstant } from "../../domain/plain/rfc3339.ts";
import { type ActKind, ACTS } from "../acts.ts";
import { linkTo } from "../links.ts";
import { Page } from "../page.tsx";
import { WHOLE_MAX } from "../rows.ts";
import { type Lanes, lanesOf } from "../lanes.ts";
import type { Evidence, PageState, ShownVerdict, PageView } from "../shown-state.ts";
import { titleOf } from "../title.ts";
import { ActDialog } from "./act-dialog.tsx";
import { viewIn } from "./view-address.ts";
import { paint, wordsAt } from "./canvas.ts";
import { type OpenCell, CellDialog } from "./cell-dialog.tsx";
import { cellPlace, walk } from "./cells.ts";
import { PageClock } from "./page-clock.ts";
import { drawn } from "./drawn.ts";
import { PageKeeper } from "./page-keeper.ts";
import { type Judging, PastControl } from "./past-control.ts";
import { sendAct, PageSource, trusted } from "./source.ts";

/** The module with the judge: a file of its own, as large as the rest of the page. */
const JUDGE = "/replay.mjs";

/** Ages are shown to the second. */
const TICK_MS = 1_000;
/** Changes within this time are asked for together. */
const GATHER_MS = 300;
/** Rows drawn above and below the visible ones. */
const SPARE_ROWS = 8;
/** The height of a row until one has been measured. */
const ROW_PX = 28;

const DrawnPage = drawn(Page);

const elapsedMs = (): number => performance.now();
const clock = new PageClock(elapsedMs);
// No token: the browser adds the password that it was given for the page itself.
const connection = new Connection("", "");
const source = new PageSource(connection);

const root = document.getElementById("page");
const boxes = document.createElement("div");
document.body.append(boxes);

let isAsked = false;
const changed = (): void => {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(draw);
};

const keeper = new PageKeeper(
  { source, clock, elapsedMs, origin: location.origin, changed },
  viewIn(location.search),
  {
    first: 0,
    count: WHOLE_MAX,
    heightPx: ROW_PX,
  },
);

const past = new PastControl({
  read: source.read(() => new Promise((resolve) => setTimeout(resolve, 0))),
  load: () => import(JUDGE) as Promise<Judging>,
  places: () => keeper.state()?.matrix.targets ?? [],
  changed,
});

/** Finds the visible rows by how far the table is scrolled. Draws again where they have changed. */
const measure = (): void => {
  const box = document.querySelector("#matrix .tall");
  const row = box?.querySelector("tbody tr[data-site]");
  if (box === null || !(row instanceof HTMLElement)) return;
  const heightPx = row.offsetHeight;
  const first = Math.max(0, Math.floor(box.scrollTop / heightPx) - SPARE_ROWS);
  const count = Math.ceil(box.clientHeight / heightPx) + 2 * SPARE_ROWS;
  const { rows } = keeper;
  if (rows.heightPx === heightPx && Math.abs(rows.first - first) < SPARE_ROWS / 2 && rows.count === count)
    return;
  keeper.rows = { first, count, heightPx };
  changed();
};

const canvasOf = (): HTMLCanvasElement | null => {
  const canvas = document.getElementById("lanes-canvas");
  return canvas instanceof HTMLCanvasElement ? canvas : null;
};

let lanes: Lanes | null = null;
const paintLanes = (state: PageState): void => {
  const canvas = canvasOf();
  lanes = canvas === null ? null : lanesOf(state);
  if (canvas !== null && lanes !== null) paint(canvas, lanes);
};

const draw = (): void => {
  isAsked = false;
  const live = keeper.state();
  if (root === null || live === null) return;
  const state = { ...live, ...past.stateOf(keeper.view), past: past.past };
  render(<DrawnPage state={state} />, root);
  document.title = titleOf(state);
  measure();
  paintLanes(state);
};

let wake = (): void => undefined;
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    wake = () => {
      clearTimeout(timer);
      setTimeout(resolve, GATHER_MS);
    };
  });

const refresh = (): void => {
  keeper.expire();
  wake();
};

const ask = async (): Promise<void> => {
  while (!keeper.isOver) {
    await keeper.look();
    await pause(keeper.waitMs);
  }
};

/** Follows the stream of events, and asks anew for what changed as soon as an event comes. */
const listen = async (): Promise<void> => {
  for (;;) {
    if (document.hidden) await turned();
    const stop = new AbortController();
    void turned().then(() => stop.abort());
    for await (const event of followStream(connection, trusted<unknown>(), { stop: stop.signal })) {
      keeper.by = event.kind === "trouble" ? "polls" : "events";
      refresh();
    }
    if (!stop.signal.aborted) return;
    keeper.by = "polls";
  }
};

/**
 * When the page is next hidden or shown. A hidden page leaves its stream's connection to others: by HTTP/1.1 a browser has six for all its
 * tabs.
 */
const turned = (): Promise<void> =>
  new Promise((resolve) => document.addEventListener("visibilitychange", () => resolve(), { once: true }));

const turn = (view: PageView, isNew: boolean): void => {
  if (isNew) history.pushState(null, "", linkTo(view));
  keeper.turn(view);
  wake();
};

const box = (content: VNode | null): void => render(content, boxes);
const close = (): void => box(null);

/** `to`: the member that a button names. */
const openAct = (
  kind: ActKind,
  { site = "", target = "", mute = "", group = "" }: DOMStringMap,
  to = "",
): void =>
  box(
    <ActDialog
      kind={kind}
      about={{ site, target, mute, group, to }}
      origin={location.origin}
      now={clock.now() ?? 0}
      act={async (token, command) => {
        const called = await sendAct(new Connection("", token), command);
        refresh();
        return called;
      }}
      close={close}
    />,
  );

/** How long before a cell's look the evidence for it begins. */
const EARLIER_MS = 30_000;

/** Shows a cell as its content comes in: the verdict first, and then what else was seen about then. */
const showCell = async (cell: OpenCell, state: PageState): Promise<void> => {
  const show = (called: Called<ShownVerdict> | null, evidence: Evidence | null): void =>
    box(<CellDialog {...cell} called={called} evidence={evidence} state={state} close={close} />);
  show(null, null);
  const called = await source.verdict(cell);
  if (boxes.childElementCount === 0) return;
  show(called, null);
  const seen =
    called.kind === "ok" ? called.value.evidence.find(({ vantage }) => vantage === cell.vantage) : null;
  if (seen === null || seen === undefined) return;
  const evidence = await source.evidence(cell, toInstant(Date.parse(seen.at) - EARLIER_MS));
  if (boxes.childElementCount > 0 && evidence.kind === "ok") show(called, evidence.value);
};

/** Writes the instant that is shown into the address. */
const nameInstant = (): void => {
  const { at } = past.past;
  keeper.turn({ ...keeper.view, at: at === null ? null : toInstant(at) });
  history.replaceState(null, "", linkTo(keeper.view));
};

const PAST: Record<string, () => unknown> = {
  open: () => past.open(keeper.view.at).then(nameInstant),
  back: () => past.step(-1),
  on: () => past.step(1),
  now: () => past.leave(),
};

/** Opens the cell that an element is in; returns whether there is one. */
const openCell = (element: Element): boolean => {
  const state = keeper.state();
  const place = state === null ? null : cellPlace(element, state.matrix.vantages);
  if (place === null || state === null) return false;
  void showCell(place, state);
  return true;
};

const isActKind = (word: string | undefined): word is ActKind =>
  word !== undefined && Object.hasOwn(ACTS, word);

/** Whether the browser shall follow a click itself, into a new tab, for instance. */
const isTheBrowsers = ({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean =>
  button !== 0 || metaKey || ctrlKey || shiftKey || altKey;

const followLink = (event: MouseEvent, link: HTMLAnchorElement): void => {
  const isOurs = link.origin === location.origin && link.pathname === "/" && link.hash === "";
  if (!isOurs || isTheBrowsers(event)) return;
  event.preventDefault();
  turn(viewIn(link.search), true);
  document.getElementById("main")?.focus();
  scrollTo(0, 0);
};

root?.addEventListener("click", (event) => {
  const { target } = event;
  if (!(target instanceof Element)) return;
  const button = target.closest<HTMLElement>("button[data-act]");
  const kind = button?.dataset["act"];
  const card = target.closest<HTMLElement>(".card");
  const link = target.closest("a");
  const move = PAST[target.closest<HTMLElement>("button[data-past]")?.dataset["past"] ?? ""];
  if (move !== undefined) {
    move();
    nameInstant();
  } else if (isActKind(kind) && card !== null) openAct(kind, card.dataset, button?.dataset["to"]);
  else if (link !== null) followLink(event, link);
  else if (target.closest("#matrix") !== null) openCell(target);
});

root?.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (!(target instanceof Element)) return;
  const table = target.closest("#matrix .scroll")?.querySelector("table");
  if (table === null || table === undefined) return;
  if (walk(key, target, table) || (key === "Enter" && target.tagName === "TD" && openCell(target)))
    event.preventDefault();
});

root?.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return;
  const { without } = target.dataset;
  if (without !== undefined) void past.leaveOut(without, target.checked);
  if (target.id === "past-at") {
    past.seek(target.valueAsNumber);
    nameInstant();
  }
  if (target.id !== "filter") return;
  const view = { ...keeper.view, filter: target.value };
  history.replaceState(null, "", linkTo(view));
  keeper.turn(view);
});

root?.addEventListener("pointermove", ({ target, offsetX, offsetY }) => {
  const canvas = canvasOf();
  const says = document.getElementById("lanes-says");
  if (target !== canvas || canvas === null || lanes === null || says === null) return;
  says.textContent = wordsAt(canvas, lanes, offsetX, offsetY);
});

// A scroll event goes to the scrolled box alone and does not bubble, so it is captured.
root?.addEventListener("scroll", measure, { capture: true, passive: true });
addEventListener("resize", changed);
addEventListener("popstate", () => turn(viewIn(location.search), false));
document.addEventListener("visibilitychange", () => (document.hidden ? undefined : refresh()));
setInterval(() => (document.hidden ? undefined : changed()), TICK_MS);

/** An address with an instant opens there, once the page has loaded. */
const begin = async (): Promise<void> => {
  await keeper.look();
  if (keeper.view.at !== null) await past.open(keeper.view.at);
  await ask();
};

void begin();
void listen();
