import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Transition } from "../../src/domain/verdict.ts";
import { MAX_LISTED, type Webhook, WebhookMessageSchema } from "../../src/domain/webhook.ts";
import { bundlesFor, siteMessage } from "../../src/webhooks/bundle.ts";
import { transitionData, wants, type NotifiedTransition } from "../../src/webhooks/message.ts";

const AT = "2026-11-22T18:30:04.120Z";
const transition = (changes: Partial<Transition> = {}): Transition => ({
  sequence: 7,
  at: AT,
  from: "alive",
  to: "unreachable",
  rule: "silent",
  confirmed: false,
  confidence: 0.9,
  because: "silent to all",
  advice: { routing: "avoid", regions: { weur: "avoid" }, failover: false, reason: "silent" },
  evidence: [],
  ...changes,
});
const told = (changes: Partial<NotifiedTransition> = {}): NotifiedTransition => ({
  site: "fra",
  transition: transition(),
  drill: null,
  advisedFailover: false,
  isOfFall: true,
  ...changes,
});
const webhook = (changes: Partial<Webhook> = {}): Webhook => ({
  id: "ops",
  url: "https://example.com/",
  events: "verdict",
  bundle: "site",
  disabled: false,
  keys: [],
  gone: null,
  revision: 1,
  createdAt: 0,
  updatedAt: 0,
  ...changes,
});
const EARLIER = webhook();
delete EARLIER.bundle;
const back = transition({ from: "unreachable", to: "alive" });
const drill = { id: "drill-0-3", live: false, spoken: {} };

describe("the messages of one judgement", () => {
  it.each<[string, Webhook, NotifiedTransition[], number[][]]>([
    ["one for a site that fell", webhook(), [told(), told(), told()], [[0, 1, 2]]],
    ["one for each site", webhook(), [told(), told({ site: "ams" }), told()], [[0, 2], [1]]],
    [
      "one for a site that is back",
      webhook(),
      [told({ transition: back }), told({ transition: back })],
      [[0, 1]],
    ],
    [
      "one for who is down and one for who is back",
      webhook(),
      [told(), told({ transition: back }), told()],
      [[0, 2], [1]],
    ],
    [
      "one for a drill's and one for what is real",
      webhook(),
      [told({ drill }), told(), told({ drill })],
      [[0, 2], [1]],
    ],
    [
      "each by itself what fell by itself",
      webhook(),
      [told(), told({ isOfFall: false }), told()],
      [[0, 2], [1]],
    ],
    [
      "one for each target where that is asked for",
      webhook({ bundle: "target" }),
      [told(), told()],
      [[0], [1]],
    ],
    [
      "one for each target where nothing was said, as of a webhook from before",
      EARLIER,
      [told(), told()],
      [[0], [1]],
    ],
    [
      "one for each target to who follows failover advice",
      webhook({ events: "failover" }),
      [told({ advisedFailover: true }), told({ advisedFailover: true })],
      [[0], [1]],
    ],
    ["none of another site", webhook({ sites: ["ams"] }), [told(), told()], []],
  ])("are %s", (_, hook, all, expected) => {
    expect(bundlesFor(hook, all)).toEqual(expected);
  });

  it("tell of each transition that is wanted once, and of no other", () => {
    const one = fc.record({
      site: fc.constantFrom("fra", "ams"),
      transition: fc.constantFrom(transition(), back, transition({ from: "unreachable" })),
      drill: fc.constantFrom(null, drill),
      advisedFailover: fc.boolean(),
      isOfFall: fc.boolean(),
    });
    const hooks = fc.record({
      events: fc.constantFrom("all" as const, "verdict" as const, "failover" as const),
      bundle: fc.constantFrom("site" as const, "target" as const),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), hooks, (all, changes) => {
        const hook = webhook(changes);
        const messages = bundlesFor(hook, all);
        const wanted = [...all.keys()].filter((index) => wants(hook, all[index] ?? told()));
        expect(messages.flat().toSorted((a, b) => a - b)).toEqual(wanted);
        for (const places of messages) {
          expect(places).toEqual(places.toSorted((a, b) => a - b));
          const sites = new Set(places.map((index) => all[index]?.site));
          expect(sites.size).toBe(1);
          if (places.length > 1) expect(places.every((index) => all[index]?.isOfFall)).toBe(true);
        }
      }),
    );
  });
});

describe("a message about a site", () => {
  const muted = { id: "m", until: AT, reason: "works" };
  const of = (target: string, mute: typeof muted | null = null, rehearsal: typeof drill | null = null) =>
    transitionData(`fra/${target}`, transition(), rehearsal, mute);

  it("names its targets with their sequences, and is what the document says", () => {
    const message = siteMessage([of("db-1"), of("db-2")]);
    expect(WebhookMessageSchema.parse(message)).toEqual(message);
    expect(message).toMatchObject({
      type: "site",
      timestamp: AT,
      data: {
        site: "fra",
        scope: "site",
        targets: [
          { target: "db-1", sequence: 7, from: "alive", to: "unreachable", muted: null },
          { target: "db-2", sequence: 7 },
        ],
        more: 0,
        muted: null,
      },
    });
  });

  it("lists so many, and says how many more there are", () => {
    const message = siteMessage(Array.from({ length: MAX_LISTED + 3 }, (_, index) => of(`db-${index}`)));
    expect(message?.type === "site" && [message.data.targets.length, message.data.more]).toEqual([
      MAX_LISTED,
      3,
    ]);
  });

  it("is muted where each of its targets is", () => {
    const mutedBy = (...all: ReturnType<typeof of>[]) => {
      const message = siteMessage(all);
      return message?.type === "site" ? message.data.muted : undefined;
    };
    expect(mutedBy(of("db-1", muted), of("db-2", muted))).toEqual(muted);
    expect(mutedBy(of("db-1", muted), of("db-2"))).toBeNull();
  });

  it("advises nobody by a drill that is not live", () => {
    const message = siteMessage([of("db-1", null, drill), of("db-2", null, drill)]);
    expect(message).toMatchObject({
      data: { drill: "drill-0-3", targets: [{ advice: { routing: "serve" } }, {}] },
    });
  });

  it("is none of nothing", () => {
    expect(siteMessage([])).toBeNull();
  });
});
