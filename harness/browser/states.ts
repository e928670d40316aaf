/** The states of the page: how each comes about, and what a user must see or hear of it. */
import type { Locator, Page } from "playwright-core";
import { pathOf } from "../../scripts/detector-api.ts";
import { GROUP_STATES } from "./group-states.ts";
import { HOSTILE, REMOTE, type World } from "./world.ts";

const DRILL_MS = 3_600_000;
/** As many as one shard holds. */
const MANY = 500;
/** Vantages of `startDetector`. */
export const VANTAGES = 7;

export interface State {
  name: string;
  /** What happens, in words. */
  title: string;
  path: string;
  /** Brings the state about; undefined if it holds from the start. Resolves once the detector reports it. */
  bring?: (world: World) => Promise<unknown>;
  /** What must be seen, by name. */
  sees: Record<string, (page: Page) => Locator>;
  /** What must be seen besides if a script draws the page, and if none does. */
  seesLive?: State["sees"];
  seesStill?: State["sees"];
}

const db1 = (site: string) => ({ site, target: "db-1" });

const cardOf = (page: Page, name: string): Locator => page.getByRole("article", { name });

const inCard =
  (name: string, text: string | RegExp) =>
  (page: Page): Locator =>
    cardOf(page, name).getByText(text).first();

/** This many cells of a target's row that show these letters. */
const cells =
  (name: string, letters: RegExp, count: number) =>
  (page: Page): Locator =>
    page
      .getByRole("region", { name: "The table of targets by vantages" })
      .getByRole("row", { name })
      .getByRole("cell", { name: letters })
      .nth(count - 1);

const heading =
  (name: string | RegExp) =>
  (page: Page): Locator =>
    page.getByRole("heading", { name });

/** A verdict's card with its advice. */
const card = (name: string, ...texts: (string | RegExp)[]): State["sees"] => ({
  [name]: (page) => cardOf(page, name),
  ...Object.fromEntries(texts.map((text) => [`${name}: ${text}`, inCard(name, text)])),
});

export const FIRST: State = {
  name: "first",
  title: "nothing is configured yet",
  path: "/",
  sees: {
    "nothing is watched": heading("Nothing is watched yet"),
    "what to do next": heading("What to do next"),
    "the command": (page) => page.getByText("curl -X PUT").first(),
  },
};

export const STATES: readonly State[] = [
  {
    name: "well",
    title: "all is well",
    path: "/?site=well",
    sees: {
      "all are well": heading("All 2 targets are well"),
      "a row": (page) => page.getByRole("rowheader", { name: "well/db-2" }),
      "every vantage": (page) => page.getByRole("columnheader", { name: "weur", exact: true }),
      "an answer in ms": (page) =>
        page
          .getByRole("row", { name: "well/db-1" })
          .getByRole("cell", { name: /^\d+$/ })
          .nth(VANTAGES - 1),
    },
    seesLive: { "the filter": (page) => page.getByRole("searchbox", { name: "Show rows that hold" }) },
  },
  {
    name: "killed",
    title: "a process is killed",
    path: "/?site=killed",
    bring: async (world) => {
      await world.node("killed").kill();
      await world.reach(db1("killed"), ({ confirmed, advice }) => confirmed && advice.failover);
      await world.askToFailOver(db1("killed"));
    },
    sees: {
      ...card(
        "killed/db-1 process crashed",
        /^confirmed$/,
        "may take its place",
        /refused|rejected/,
        /was told that a successor may take over/,
      ),
      "a letter for each vantage": cells("killed/db-1", /^R$/, VANTAGES),
      "what changed": (page) => page.getByRole("listitem").filter({ hasText: "turned into" }).first(),
    },
    seesLive: {
      "a button to hold": (page) => page.getByRole("button", { name: "Hold: no failover" }),
      "by events": (page) => page.getByText("by events"),
    },
  },
  {
    name: "drill",
    title: "a drill that is not live",
    path: "/?site=drill",
    bring: async (world) => {
      await world.api.startDrill({ ...db1("drill"), fault: "refuse", durationMs: DRILL_MS });
      await world.reach(db1("drill"), ({ verdict }) => verdict === "process_crashed");
      const { status } = await world.api.ask(`${pathOf(db1("drill"))}/failover`);
      if (status !== 409) throw new Error(`/failover says ${status} in a drill that is not live`);
    },
    sees: card("drill/db-1 process crashed", /This rests on the drill .*refuse/, "may not take its place"),
  },
  {
    name: "override",
    title: "an operator’s word",
    path: "/?site=override",
    bring: (world) =>
      world.api.override(db1("override"), {
        advice: { failover: false, routing: "serve" },
        reason: "INC-12: we are at it",
        ttlMs: DRILL_MS,
      }),
    sees: {
      "held by a word": heading("1 under a drill or an operator’s word"),
      ...card("override/db-1 alive", "INC-12: we are at it", "operator’s word"),
    },
    seesLive: {
      "a button to withdraw it": (page) => page.getByRole("button", { name: "Withdraw the operator’s word" }),
    },
  },
  {
    name: "mute",
    title: "a mute over a dead process",
    path: "/?site=mute",
    bring: async (world) => {
      const until = new Date(Date.now() + DRILL_MS).toISOString();
      const body = { site: "mute", target: "db-1", until, reason: "it is being replaced" };
      const { status, text } = await world.api.ask("/v1/mutes/replaced", { method: "PUT", body });
      if (status > 299) throw new Error(`PUT /v1/mutes: ${status} ${text}`);
      await world.node("mute").kill();
      await world.reach(db1("mute"), ({ verdict }) => verdict === "process_crashed");
    },
    sees: card("mute/db-1 process crashed", /Nobody is notified until .*: it is being replaced/),
  },
  ...GROUP_STATES,
  {
    name: "hostile",
    title: "a node that says <script>",
    path: "/?site=hostile&target=db-1",
    bring: (world) =>
      world.api.override(db1("hostile"), {
        advice: { failover: false },
        reason: HOSTILE,
        ttlMs: DRILL_MS,
      }),
    sees: {
      "its words as text": (page) =>
        page.getByRole("cell", { name: `the server says: ERR ${HOSTILE}` }).first(),
      "a reason as text": (page) => page.getByText(`: ${HOSTILE}`).first(),
    },
  },
  {
    name: "cut",
    title: "cut off from two vantages of seven",
    path: "/?site=cut",
    bring: async (world) => {
      const vantages = ["wnam", "enam"];
      await world.api.startDrill({
        ...db1("cut"),
        fault: "silence",
        vantages,
        durationMs: DRILL_MS,
        live: true,
      });
      await world.reach(db1("cut"), ({ verdict }) => verdict === "partitioned");
    },
    sees: {
      ...card("cut/db-1 partitioned", "may not take its place"),
      // A page without script is always loaded at the same moment of a round: a look may be under way each time.
      "silent to two": cells("cut/db-1", /^[TP]$/, 2),
      "answers to five": (page) =>
        page
          .getByRole("row", { name: "cut/db-1" })
          .getByRole("cell", { name: /^\d+$/ })
          .nth(VANTAGES - 3),
    },
  },
  {
    name: "frozen",
    title: "a process is frozen",
    path: "/?site=frozen",
    bring: async (world) => {
      world.node("frozen").freeze();
      await world.reach(db1("frozen"), ({ verdict }) => verdict === "process_hung");
    },
    sees: {
      ...card("frozen/db-1 process hung", "stay away"),
      "waited in vain": cells("frozen/db-1", /^[WP]$/, 3),
    },
  },
  {
    name: "fallen",
    title: "a whole site is silent",
    path: "/?site=fallen",
    bring: async (world) => {
      await world.api.startDrill({ site: "fallen", fault: "silence", durationMs: DRILL_MS, live: true });
      for (const target of ["db-1", "db-2"])
        await world.reach(
          { site: "fallen", target },
          ({ verdict, scope }) => verdict === "unreachable" && scope === "site",
        );
    },
    sees: card("site fallen unreachable", "all of it: 2 targets", /A successor may not take the place/),
  },
  {
    name: "vantage",
    title: "a vantage is lost",
    path: "/?site=vantage",
    bring: async (world) => {
      await world.loseVantage();
      await world.reach(db1("vantage"), ({ notCounted }) =>
        notCounted.some(({ vantage, reason }) => vantage === REMOTE && /silent/.test(reason)),
      );
    },
    sees: {
      "who is not counted, and why": (page) => page.getByText(new RegExp(`${REMOTE} is not counted: silent`)),
      "its column": (page) =>
        page.getByRole("columnheader", { name: new RegExp(`^${REMOTE} ?, not counted$`) }),
    },
  },
  {
    name: "many",
    title: `${MANY} targets`,
    path: "/",
    bring: (world) => world.crowd("many", MANY),
    sees: {
      "how many": heading(new RegExp(`${MANY} targets`)),
      "the first": (page) => page.getByRole("rowheader", { name: "cut/db-1" }),
    },
    seesStill: { "the last": (page) => page.getByRole("rowheader").nth(MANY - 1) },
  },
];

/** Waits for everything that must be seen; throws if something is not. */
export const mustSee = async (page: Page, sees: State["sees"]): Promise<void> => {
  for (const [words, locate] of Object.entries(sees))
    await locate(page)
      .waitFor({ state: "visible" })
      .catch((error: unknown) => {
        throw new Error(`not seen: ${words} (${error instanceof Error ? error.message.split("\n")[0] : ""})`);
      });
};
