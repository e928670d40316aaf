/** Random notes, and hostile texts. */
import fc from "fast-check";
import type { Hook } from "../../../src/webhooks/format/hook.ts";
import type { Note } from "../../../src/webhooks/format/note.ts";

export const AT = "2026-11-28T18:00:04.120Z";

const HARM = [
  "@everyone",
  "@here",
  "<!channel>",
  "<!here|x>",
  "<@U012AB3CD>",
  "<#C1>",
  "<https://evil.example|The page>",
  "[The page](https://evil.example)",
  "&lt;!channel&gt;",
  "```\n",
  "\u0000\u0007\u001b[31m",
  "\ud800",
  "\udfff",
  "\u202e",
  "😀".repeat(60),
  '"}],"x":{"',
  "{{title}}",
  "\\",
  "&".repeat(700),
  "x".repeat(4_000),
  " \n\t ",
];

export const hostile = fc
  .array(fc.oneof(fc.constantFrom(...HARM), fc.string({ unit: "binary", maxLength: 40 })), { maxLength: 8 })
  .map((parts) => parts.join(""));

const name = fc.oneof(fc.constantFrom("fra", "db-1", "a".repeat(63)), hostile);

export const note: fc.Arbitrary<Note> = fc.record({
  type: fc.constant("note" as const),
  kind: fc.constantFrom("cause" as const, "group" as const, "test" as const),
  state: fc.constantFrom("begins" as const, "continues" as const, "over" as const, "told" as const),
  about: name.map((text) => `a${text}`),
  title: name.map((text) => `t${text}`),
  sentence: hostile,
  severity: fc.constantFrom("critical" as const, "error" as const, "warning" as const, "info" as const),
  site: fc.option(name.map((text) => `s${text}`)),
  target: fc.option(name.map((text) => `t${text}`)),
  verdict: fc.option(fc.constantFrom("node_dead", "gray")),
  at: fc.constant(AT),
  since: fc.option(fc.constant(AT)),
  automation: hostile,
  failover: fc.boolean(),
  targets: fc.array(
    name.map((text) => `t${text}`),
    { maxLength: 50 },
  ),
  count: fc.nat(10_000),
  drill: fc.option(name.map((text) => `d${text}`)),
});

export const hook: Hook = {
  id: "ops",
  url: "https://events.pagerduty.com/v2/enqueue",
  page: "https://detector.example",
  routingKey: "0123456789abcdef0123456789abcdef",
  template: "{}",
  createdAt: Date.UTC(2026, 10, 28),
};
