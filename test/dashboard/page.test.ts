import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pageOf, refusedPageOf } from "../../src/dashboard/page-document.ts";
import { matrixOf } from "../../src/dashboard/matrix-view.ts";
import type { PageState } from "../../src/dashboard/shown-state.ts";
import { ago, crashed, NOW, stateOf, transitionOf, VANTAGES, vantageOf, verdictOf } from "./states.ts";

const unescaped = (html: string): string =>
  html
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

/** The text that a person reads, in its order. */
const textOf = (html: string): string =>
  unescaped(
    html
      .replace(/<head>.*<\/head>/s, "")
      .replaceAll(/<[^>]+>/g, " ")
      .replaceAll(/\s+/g, " "),
  );

const read = async (state: PageState): Promise<string> => textOf(await pageOf(state));

describe("the page", () => {
  test("of a detector that watches nothing says what to do next, with a command that holds no token", async () => {
    const html = await pageOf(stateOf([], { transitions: [] }));
    expect(textOf(html)).toContain("Nothing is watched yet");
    expect(unescaped(html)).toContain(
      `curl -X PUT 'https://parallax.example.com/v1/sites/fra/targets/db-1' \\\n  -H "Authorization: Bearer $ADMIN_TOKEN"`,
    );
    expect(html).not.toContain("<table");
  });

  test("that is asked for an instant of the past says that it shows now, as long as no script runs", async () => {
    const view = { site: null, target: null, filter: "", at: "2026-11-22T02:15:00.000Z" };
    expect(await read(stateOf([verdictOf()], { view }))).toContain("This shows what is true now");
    expect(await read(stateOf([verdictOf()]))).not.toContain("This shows what is true now");
  });

  test("of a detector where all is well says so, who looks, and of when it is", async () => {
    const text = await read(stateOf([verdictOf(), verdictOf({ target: "db-3" })]));
    expect(text).toContain("All 2 targets are well");
    expect(text).toContain("3 of 4 vantages sound");
    expect(text).toContain("hel-1 is not counted: silent: no report for 3 min");
    expect(text).toContain("the detector is well");
    expect(text).toContain("as of 03:12:07Z");
  });

  test("shows trouble first: what, since when, why, and what automation should do", async () => {
    const text = await read(stateOf([verdictOf(), crashed()], { transitions: [transitionOf()] }));
    const told = [
      "1 of 2 targets in trouble",
      "fra / db-1",
      "process crashed",
      "confirmed",
      "for 4 min 12 s, since 03:07:55Z",
      "sequence 43",
      "3 of 3 sound vantages were refused by the host",
      "stay away",
      "may take its place",
      "What each vantage saw last",
      "What changed",
    ];
    let at = 0;
    for (const words of told) {
      const found = text.indexOf(words, at);
      expect(found, `${words} after ${text.slice(at, at + 200)}`).toBeGreaterThanOrEqual(at);
      at = found;
    }
  });

  test("puts a target that may be replaced before one that is only gray, and muted ones last", async () => {
    const gray = verdictOf({ target: "web", verdict: "gray", since: ago(1_000) });
    const muted = crashed({
      target: "db-9",
      muted: { id: "m-1", until: ago(-60_000), reason: "the rack is being moved" },
    });
    const html = await pageOf(stateOf([gray, muted, crashed()]));
    const order = [...html.matchAll(/<article class="card" data-site="fra" data-target="([^"]+)"/g)].map(
      ([, target]) => target,
    );
    expect(order).toEqual(["db-1", "web", "db-9"]);
    expect(textOf(html)).toContain("Nobody is notified until 03:13:07Z : the rack is being moved");
  });

  test("tells of a drill, an operator's word, a pause, and of what automation was told", async () => {
    const told = [{ check: "failover" as const, by: "patroni-2", first: ago(240_000), count: 3 }];
    const text = await read(
      stateOf(
        [
          crashed({
            told,
            drill: "drill-0-1",
            override: { advice: { failover: false }, reason: "INC-12", until: ago(-60_000), by: "ops-anna" },
          }),
          verdictOf({ paused: true }),
        ],
        {
          drills: [
            {
              id: "drill-0-1",
              site: "fra",
              fault: "refuse",
              durationMs: 60_000,
              live: false,
              startsAt: ago(10_000),
              endsAt: ago(-50_000),
              by: "night-drill",
            },
          ],
        },
      ),
    );
    expect(text).toContain("patroni-2 was told that a successor may take over, 3 times, first at 03:08:07Z");
    expect(text).toContain("drill-0-1: refuse, by night-drill, until 03:12:57Z");
    expect(text).toContain("ops-anna says so until 03:13:07Z : INC-12");
    expect(text).toContain("1 target paused");
    expect(text).toContain("1 of 2 targets in trouble");
  });

  test("does not call a target in trouble that is well under an operator's word", async () => {
    const override = { advice: { failover: false }, reason: "INC-12", until: ago(-60_000) };
    const text = await read(stateOf([verdictOf({ override }), verdictOf({ target: "db-3" })]));
    expect(text).toContain("All 2 targets are well, 1 under a drill or an operator’s word");
    expect(text).toContain("An operator says so until 03:13:07Z : INC-12");
  });

  test("makes one card of a site that fell as a whole", async () => {
    const fallen = Array.from({ length: 40 }, (_, number) =>
      verdictOf({
        target: `t-${number}`,
        verdict: "unreachable",
        scope: "site",
        since: ago(60_000 + number),
      }),
    );
    const html = await pageOf(stateOf(fallen));
    expect(html.match(/<article/g)).toHaveLength(1);
    expect(textOf(html)).toContain("site fra U unreachable");
    expect(textOf(html)).toContain("all of it: 40 targets");
  });

  test("is bounded by what can be read, whatever falls at once", async () => {
    const fallen = Array.from({ length: 500 }, (_, number) =>
      crashed({ target: `t-${number}`, since: ago(number) }),
    );
    const html = await pageOf(stateOf(fallen));
    expect(html.match(/<article/g)).toHaveLength(12);
    expect(textOf(html)).toContain("488 more");
    expect(html.match(/<tr data-site/g)).toHaveLength(500);
  });

  test("says which part of the detector does not answer, and that it is itself in trouble", async () => {
    const text = await read(
      stateOf([verdictOf()], {
        transitions: null,
        health: { ok: false, reasons: ["shard 1 does not answer"], warnings: [] },
        missing: ["Shard 1 does not answer: its targets are not shown."],
      }),
    );
    expect(text).toContain("the detector is in trouble");
    expect(text).toContain("shard 1 does not answer");
    expect(text).toContain("Shard 1 does not answer: its targets are not shown.");
    expect(text).toContain("What changed is not known");
  });

  test("of one target shows every look at it, word for word, and who is not counted", async () => {
    const view = { site: "fra", target: "db-1", filter: "", at: null };
    const text = await read(stateOf([crashed()], { view }));
    expect(text).toContain(
      "weur 03:12:06Z refused: the host rejects the connection while connecting 11 ms ECONNREFUSED",
    );
    expect(text).toContain("hel-1 not counted: silent: no report for 3 min");
  });

  test("tells for how long each change held, and what was behind it", async () => {
    const text = await read(
      stateOf([crashed()], {
        transitions: [
          transitionOf({ drill: "drill-0-1", by: "night-drill" }),
          transitionOf({ sequence: 42, at: ago(3_852_000), from: "unknown", to: "alive" }),
        ],
      }),
    );
    expect(text).toContain("for 4 min 12 s so far, sequence 43");
    expect(text).toContain("for 1 h, sequence 42");
    expect(text).toContain("Behind it: a drill (drill-0-1), by night-drill");
  });

  test("runs nothing and asks no other host for anything", async () => {
    const html = await pageOf(stateOf([crashed()], { transitions: [transitionOf()] }));
    expect(html).not.toMatch(/ (on\w+|style|action|srcset)=/i);
    expect(html).not.toMatch(/<(style|iframe|object|embed|base|form)\b/i);
    for (const [, place] of html.matchAll(/(?:href|src)="([^"]*)"/g)) expect(place).toMatch(/^(#|\/(?!\/))/);
    expect(html).toContain('<noscript><meta http-equiv="refresh" content="10" /></noscript>');
  });

  test("has one main part, and heads without a step left out", async () => {
    const view = { site: "fra", target: "db-1", filter: "", at: null };
    const told = [{ check: "avoid" as const, by: "pdns", first: ago(1), count: 1 }];
    for (const state of [stateOf([]), stateOf([crashed({ told })]), stateOf([crashed({ told })], { view })]) {
      const html = await pageOf(state);
      expect(html.match(/<main/g)).toHaveLength(1);
      let last = 0;
      for (const [, level] of html.matchAll(/<h([1-6])/g)) {
        expect(Number(level)).toBeLessThanOrEqual(last + 1);
        last = Number(level);
      }
      const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const [, id] of html.matchAll(/aria-labelledby="([^"]+)"/g)) expect(ids).toContain(id);
    }
  });

  test("shows what a vantage saw that is not counted, and that it is not", async () => {
    const aside = [{ vantage: "hel-1", outcome: "connect_timeout" as const, totalMs: 3_000 }];
    const { vantages, targets } = matrixOf([{ ...crashed(), aside }], VANTAGES, NOW);
    expect(targets[0]?.cells[vantages.findIndex(({ id }) => id === "hel-1")]).toBe("~T");
    const html = await pageOf(stateOf([], { matrix: { ...stateOf([crashed()]).matrix, targets } }));
    expect(unescaped(html)).toContain(
      'class="uncounted" title="hel-1 is not counted: silent: no report for 3 min. It saw: timed out: silence before a connection opened">T<',
    );
  });

  test("has a cell for each vantage in each row, grouped by provider, the inside ones last", async () => {
    const html = await pageOf(stateOf([crashed(), verdictOf()]));
    const rows = html.split("<tr data-site").slice(1);
    expect(rows.map((row) => row.split("</tr>")[0]?.match(/<td/g)?.length)).toEqual([5, 5]);
    const head = textOf(html.split("<thead>")[1]?.split("</thead>")[0] ?? "");
    expect(head).toBe(" cloudflare hetzner inside fra target verdict weur enam hel-1 , not counted fra-in ");
    expect(textOf(`<td${rows[0]}`)).toContain("R T – ·");
  });
});

/** Texts that nodes, operators and programs may choose. */
const hostile = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }),
  fc.constantFrom(
    "<script>alert(1)</script>",
    `"><img src=x onerror=alert(1)>`,
    "</pre>&lt;b&gt;",
    "' onfocus='a",
  ),
);

const stateSaying = (text: string): PageState =>
  stateOf(
    [
      crashed({
        because: text,
        warnings: [text],
        waitingFor: { what: text, until: ago(-1_000) },
        notCounted: [{ vantage: "hel-1", reason: text }],
        drill: text,
        override: { reason: text, until: ago(-1_000), by: text },
        muted: { id: text, until: ago(-1_000), reason: text },
        told: [{ check: "avoid", by: text, first: ago(1), count: 2 }],
        advice: { routing: "avoid", regions: { [text]: "serve" }, failover: false, reason: text },
        evidence: [
          {
            vantage: "weur",
            at: ago(1),
            outcome: "app_error",
            stage: "done",
            totalMs: 3,
            detail: text,
            address: text,
          },
        ],
      }),
    ],
    {
      view: { site: "fra", target: "db-1", filter: "", at: null },
      transitions: [transitionOf({ because: text, drill: text, by: text })],
      health: { ok: false, reasons: [text], warnings: [text] },
      missing: [text],
    },
    [...VANTAGES.slice(1), vantageOf("weur", { state: "faulty", reason: text, provider: text })],
  );

describe("whatever a node, an operator or a program says", () => {
  const angles = (html: string): number => html.split("<").length;

  test("is text, and never more tags or attributes", async () => {
    const plain = await pageOf(stateSaying("x"));
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const html = await pageOf(stateSaying(text));
        expect(angles(html)).toBe(angles(plain));
        const shapes = [html, plain].map((one) => one.replaceAll(/"[^"]*"/g, '""').match(/<[^>]*>/g));
        expect(shapes[0]).toEqual(shapes[1]);
      }),
      { numRuns: 60 },
    );
  });

  test("is shown as it was said", async () => {
    const said = `<b>&amp; "it's" </b>`;
    expect(unescaped(await pageOf(stateSaying(said))).split(said).length).toBeGreaterThan(12);
  });

  test("is shown so where there is no page, too", async () => {
    const page = await refusedPageOf({ status: 401, title: "<i>", detail: "<script>" });
    expect(page).not.toMatch(/<(i|script)>/);
    expect(textOf(page)).toContain("a token of scope read as the password");
    expect(page).not.toContain("http-equiv");
  });
});

test("the state is of the instant it says, however the clock of whoever looks goes", async () => {
  const state = stateOf([crashed()]);
  expect(await read({ ...state, now: NOW + 3_600_000 })).toContain("for 1 h 4 min");
  expect(await read({ ...state, now: NOW - 3_600_000 })).toContain("for under 1 s");
});
