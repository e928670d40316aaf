import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { FILLED_MAX_BYTES } from "../../../src/domain/template.ts";
import { type NoteFormat, rendered } from "../../../src/webhooks/format/formats.ts";
import { pageLink, type Hook } from "../../../src/webhooks/format/hook.ts";
import { cleaned, noteOf, type Note } from "../../../src/webhooks/format/note.ts";
import { clean, cutText, forAnyone, forDiscord, forSlack } from "../../../src/webhooks/format/text.ts";
import { AT, hook, hostile, note } from "./notes.ts";
import {
  complaintsOf,
  DISCORD_EMBEDS_MAX,
  embedded,
  PAGERDUTY_MAX_BYTES,
  slackMarks,
  textsIn,
} from "./services.ts";

const bodyOf = (format: NoteFormat, one: Note, with_: Hook = hook): unknown =>
  JSON.parse(rendered(format, one, with_).body);

const isWellFormed = (body: unknown): boolean =>
  // Only our own texts have more than one line.
  textsIn(body).every((text) => text.isWellFormed() && !/[^\P{Cc}\n]/u.test(text));

const bytesOf = (body: unknown): number => new TextEncoder().encode(JSON.stringify(body)).length;

describe("whatever a node says", () => {
  it("Slack takes the message, and nobody is called and nothing linked but the page", () => {
    fc.assert(
      fc.property(note, (one) => {
        const body = bodyOf("slack", one);
        expect(complaintsOf("slack", body)).toEqual([]);
        expect(isWellFormed(body)).toBe(true);
        const marks = textsIn(body).flatMap(slackMarks);
        expect(marks).toEqual([
          `<${pageLink(cleaned(one), hook).replaceAll("&", "&amp;")}|The page at that instant>`,
        ]);
        for (const text of textsIn(body)) {
          expect(text).not.toMatch(/@(?!\u200b)/u);
          expect(text.replaceAll(/&(amp|lt|gt);/g, "")).not.toContain("&");
        }
      }),
    );
  });

  it("Discord takes the message, and nobody is called", () => {
    fc.assert(
      fc.property(note, (one) => {
        const body = bodyOf("discord", one);
        expect(complaintsOf("discord", body)).toEqual([]);
        const link = pageLink(cleaned(one), hook);
        expect(isWellFormed(body)).toBe(true);
        expect(embedded(body as Parameters<typeof embedded>[0])).toBeLessThanOrEqual(DISCORD_EMBEDS_MAX);
        for (const text of textsIn(body)) {
          expect(text).not.toMatch(/@(everyone|here)/);
          expect(text).not.toMatch(/(?<!\\)\]\(/);
          if (text !== link) expect(text).not.toMatch(/:\/\//);
        }
      }),
    );
  });

  it("PagerDuty takes the event: an alert begins and ends under one key, a group's word is a change", () => {
    fc.assert(
      fc.property(note, (one) => {
        const { url } = rendered("pagerduty", one, hook);
        const body = bodyOf("pagerduty", one);
        expect(complaintsOf(one.kind === "group" ? "pagerdutyChange" : "pagerduty", body)).toEqual([]);
        expect(url).toBe(
          one.kind === "group"
            ? "https://events.pagerduty.com/v2/change/enqueue"
            : "https://events.pagerduty.com/v2/enqueue",
        );
        expect(isWellFormed(body)).toBe(true);
        expect(bytesOf(body)).toBeLessThan(PAGERDUTY_MAX_BYTES);
        const keyIn = (all: unknown) => (all as { dedup_key?: string }).dedup_key;
        expect(keyIn(bodyOf("pagerduty", { ...one, state: "over" }))).toBe(
          keyIn(bodyOf("pagerduty", { ...one, state: "begins", at: "2026-11-28T17:00:00.000Z" })),
        );
      }),
    );
  });

  it("a template keeps its shape, and no word in it calls anybody", () => {
    const template = JSON.stringify({
      a: "{{title}} – {{sentence}} {{automation}}",
      b: ["{{targets}}", "{{ count }}", "{{failover}}", "n = {{count}}"],
      c: { d: "{{about}}", e: 1, f: null },
    });
    fc.assert(
      fc.property(note, (one) => {
        const body = bodyOf("generic-template", one, { ...hook, template }) as Record<string, unknown>;
        expect(Object.keys(body)).toEqual(["a", "b", "c"]);
        expect(body["b"]).toEqual([cleaned(one).targets, one.count, one.failover, `n = ${one.count}`]);
        expect(body["a"]).not.toMatch(/[@<](?!\u200b)/u);
        expect(body["c"]).toEqual({ d: cleaned(one).about, e: 1, f: null });
        expect(isWellFormed(body)).toBe(true);
        expect(bytesOf(body)).toBeLessThan(FILLED_MAX_BYTES);
      }),
    );
  });
});

test("a text is cut at most so long, between characters, and is left as it is where it fits", () => {
  const escapes = [(character: string) => character, forAnyone, forSlack, forDiscord];
  fc.assert(
    fc.property(
      hostile,
      fc.integer({ min: 1, max: 300 }),
      fc.constantFrom(...escapes),
      (text, max, escape) => {
        const short = cutText(text, max, escape);
        expect(short.length).toBeLessThanOrEqual(max);
        expect(short.isWellFormed()).toBe(true);
        const all = Array.from(clean(text));
        const whole = all.map((character, index) => escape(character, all[index - 1] ?? "")).join("");
        if (whole.length <= max) expect(short).toBe(whole);
        else {
          expect(short.endsWith("…")).toBe(true);
          expect(whole.startsWith(short.slice(0, -1))).toBe(true);
          if (escape === forSlack) expect(short.slice(0, -1)).not.toMatch(/&[a-z]{0,3}$/);
        }
      },
    ),
  );
});

const of = (changes: Partial<Note>): Note => ({
  type: "note",
  kind: "cause",
  state: "begins",
  about: "fra/db-1",
  title: "fra/db-1: node_dead, confirmed",
  sentence: "silent to all, while its site answers",
  severity: "critical",
  site: "fra",
  target: "db-1",
  verdict: "node_dead",
  at: AT,
  since: AT,
  automation: "Keep traffic away; fail over",
  failover: true,
  targets: [],
  count: 0,
  drill: null,
  ...changes,
});
const LINK = `https://detector.example/?site=fra&target=db-1&at=${encodeURIComponent(AT)}`;

describe("a death", () => {
  it("is an alert of PagerDuty, and its end resolves it", () => {
    const links = [{ href: LINK, text: "The page at that instant" }];
    const keys = {
      routing_key: hook.routingKey,
      dedup_key: `parallax/ops/${hook.createdAt.toString(36)}/fra/db-1`,
    };
    expect(bodyOf("pagerduty", of({}))).toEqual({
      ...keys,
      event_action: "trigger",
      payload: {
        summary: "fra/db-1: node_dead, confirmed. silent to all, while its site answers",
        source: "fra/db-1",
        severity: "critical",
        timestamp: AT,
        component: "db-1",
        group: "fra",
        class: "node_dead",
        custom_details: {
          sentence: "silent to all, while its site answers",
          since: AT,
          automation: "Keep traffic away; fail over",
        },
      },
      client: "Parallax",
      client_url: LINK,
      links,
    });
    expect(bodyOf("pagerduty", of({ state: "over" }))).toEqual({ ...keys, event_action: "resolve" });
  });

  it.each(["slack", "discord"] as const)(
    "says in %s what it is, since when, why, what automation was told, and where to look",
    (format) => {
      const said = textsIn(bodyOf(format, of({})))
        .join("\n")
        .replaceAll(/\\(.)/g, "$1")
        .replaceAll("&amp;", "&");
      for (const part of [of({}).title, of({}).sentence, AT, of({}).automation, LINK])
        expect(said).toContain(part);
    },
  );
});

test("a site of 10,000 targets is one message that every service takes", () => {
  const targets = Array.from({ length: 10_000 }, (_, index) => `node-${index}-${"x".repeat(50)}`);
  const fell = of({ about: "fra", target: null, targets, count: targets.length });
  for (const format of ["slack", "discord", "pagerduty"] as const)
    expect(complaintsOf(format, bodyOf(format, fell))).toEqual([]);
});

test("a group's change and what somebody asks for are notes of their own", () => {
  const change = {
    number: 12,
    at: AT,
    kind: "changed" as const,
    epoch: 4,
    from: ["fra/db-1"],
    to: ["ams/db-1"],
    because: "failover from fra/db-1 is advised",
    heldBy: [],
    verdicts: [],
    by: "parallax",
  };
  const data = { group: "db", mode: "leader" as const, change };
  const changed = noteOf({ type: "group.changed", timestamp: AT, data });
  expect(changed).toMatchObject({ title: "Group db: ams/db-1 leads (epoch 4)", sentence: change.because });
  expect(pageLink(changed, hook)).toBe("https://detector.example/");
  const held = [{ what: "freeze" as const, member: null, until: null, detail: "frozen by anna" }];
  const withheld = {
    ...data,
    change: { ...change, kind: "withheld" as const, to: [], from: [], heldBy: held },
  };
  expect(noteOf({ type: "group.withheld", timestamp: AT, data: withheld })).toMatchObject({
    title: "Group db would change and does not",
    sentence: "failover from fra/db-1 is advised – held by: frozen by anna",
    severity: "warning",
  });
  for (const one of [changed, noteOf({ type: "test", timestamp: AT, data: { webhook: "ops" } })])
    for (const format of ["slack", "discord"] as const)
      expect(complaintsOf(format, bodyOf(format, one))).toEqual([]);
});
