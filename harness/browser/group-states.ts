/** The states of groups: how each comes about, and what the page must show of it. */
import type { Locator, Page } from "playwright-core";
import { until } from "../../scripts/until.ts";
import type { GroupAnswer } from "../../src/domain/group.ts";
import type { State } from "./states.ts";
import type { World } from "./world.ts";

const HOUR_MS = 3_600_000;
const WITHIN_MS = 60_000;
const TARGETS = ["db-1", "db-2"] as const;

/** Makes a group of a site's two targets. */
export const makeGroup = async ({ api }: World, group: string, site: string, body: object): Promise<void> => {
  const members = TARGETS.map((target, index) => ({ site, target, priority: index + 1 }));
  const { status, text } = await api.ask(`/v1/groups/${group}`, {
    method: "PUT",
    body: { members, ...body },
  });
  if (status > 299) throw new Error(`PUT /v1/groups/${group}: ${status} ${text}`);
};

/** Waits until a group's answer meets a condition. */
export const reachGroup = async (
  { api }: World,
  group: string,
  holds: (answer: GroupAnswer) => boolean,
): Promise<void> => {
  let last = "";
  await until(
    async () => {
      last = (await api.ask(`/v1/groups/${group}`)).text;
      return holds(JSON.parse(last) as GroupAnswer);
    },
    { withinMs: WITHIN_MS, everyMs: 250, explain: () => `group ${group} is ${last}` },
  );
};

/** An operator's override keeps traffic away from a target, without failover. */
const keepAway = (world: World, site: string): Promise<unknown> =>
  world.api.override(
    { site, target: "db-1" },
    { advice: { routing: "avoid", failover: false }, reason: "INC-7: it is slow", ttlMs: HOUR_MS },
  );

const freeze = async ({ api }: World, group: string): Promise<void> => {
  const body = { reason: "INC-8: a migration", ttlMs: HOUR_MS };
  const { status, text } = await api.ask(`/v1/groups/${group}/freeze`, { method: "POST", body });
  if (status > 299) throw new Error(`freeze: ${status} ${text}`);
};

const cardOf = (page: Page, group: string): Locator =>
  page.getByRole("article", { name: new RegExp(`^group ${group} `) });

/** A group's card that contains these texts. */
const card = (group: string, ...texts: (string | RegExp)[]): State["sees"] =>
  Object.fromEntries(
    texts.map((text) => [
      `group ${group}: ${text}`,
      (page: Page) => cardOf(page, group).getByText(text).first(),
    ]),
  );

const button = (group: string, name: string): State["sees"] => ({
  [`a button: ${name}`]: (page) => cardOf(page, group).getByRole("button", { name, exact: true }),
});

export const GROUP_STATES: readonly State[] = [
  {
    name: "pool",
    title: "a pool with one member out",
    path: "/?site=pool",
    bring: async (world) => {
      await makeGroup(world, "web", "pool", { mode: "pool", policy: { holdDownMs: 0 } });
      await keepAway(world, "pool");
      await reachGroup(world, "web", ({ serving }) => serving.length === 1);
    },
    sees: {
      ...card("web", "1 of 2 serve", "a pool", /is out/, "pool/db-1 went out: routing says avoid"),
      "its history": (page) => cardOf(page, "web").getByRole("link", { name: "history of web" }),
    },
    seesLive: button("web", "Freeze"),
  },
  {
    name: "withheld",
    title: "a leader that stays, since failover is not advised",
    path: "/?site=withheld",
    bring: async (world) => {
      await makeGroup(world, "lead", "withheld", { mode: "leader" });
      await reachGroup(world, "lead", ({ leader }) => leader?.target === "db-1");
      await keepAway(world, "withheld");
      await reachGroup(world, "lead", ({ heldBy }) => heldBy.some(({ what }) => what === "advice"));
    },
    sees: card("lead", "withheld/db-1 leads", "epoch 1", /withheld\/db-1: failover is not advised/, /waits/),
    seesLive: button("lead", "Switch to withheld/db-2"),
  },
  {
    name: "freeze",
    title: "a group that somebody froze",
    path: "/?site=freeze",
    bring: async (world) => {
      await makeGroup(world, "still", "freeze", { mode: "leader" });
      await reachGroup(world, "still", ({ leader }) => leader !== null);
      await freeze(world, "still");
    },
    sees: card("still", "freeze/db-1 leads", /lets nothing change until .*: INC-8: a migration/),
    seesLive: button("still", "Thaw"),
  },
];
