import { describe, expect, test } from "vitest";
import { LETTERS, readCell } from "../../src/dashboard/cell-letters.ts";
import { linkTo } from "../../src/dashboard/links.ts";
import { shownCommand } from "../../src/dashboard/commands.ts";
import { clockOf, durationOf, SIGNS } from "../../src/dashboard/plain-words.ts";
import { OutcomeSchema } from "../../src/domain/outcome.ts";

test.each([
  [-5_000, "under 1 s"],
  [999, "under 1 s"],
  [1_000, "1 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [252_000, "4 min 12 s"],
  [3_600_000, "1 h"],
  [7_500_000, "2 h 5 min"],
  [86_400_000, "1 d"],
  [100_800_000, "1 d 4 h"],
])("%d ms are told as %s", (durationMs, words) => expect(durationOf(durationMs)).toBe(words));

test("an instant of another day is told with its day", () => {
  const now = Date.UTC(2026, 10, 22, 3);
  expect(clockOf("2026-11-22T02:15:00.123Z", now)).toBe("02:15:00Z");
  expect(clockOf("2026-11-21T23:59:59.999Z", now)).toBe("2026-11-21 23:59:59Z");
});

describe("cells", () => {
  test("every outcome but ok has a letter of its own", () => {
    const outcomes = OutcomeSchema.options.filter((outcome) => outcome !== "ok");
    expect(Object.values(LETTERS).toSorted()).toEqual(outcomes.toSorted());
  });

  test.each([
    [12, { kind: "ok", text: "12", outcome: "ok" }],
    ["R", { kind: "bad", text: "R", outcome: "refused" }],
    ["~", { kind: "uncounted", text: "–", outcome: null }],
    ["~9", { kind: "uncounted", text: "9", outcome: "ok" }],
    ["~T", { kind: "uncounted", text: "T", outcome: "connect_timeout" }],
    ["Z", { kind: "bad", text: "Z", outcome: null }],
    [null, { kind: "none", text: "·", outcome: null }],
  ])("%s is read as what it says", (cell, read) => expect(readCell(cell)).toEqual(read));
});

test("no two verdicts have one sign", () => {
  expect(new Set(Object.values(SIGNS)).size).toBe(Object.keys(SIGNS).length);
});

test("an address holds what is shown, escaped, and nothing else", () => {
  expect(linkTo({})).toBe("/");
  expect(linkTo({ site: "fra", target: "a&b=c", at: null })).toBe("/?site=fra&target=a%26b%3Dc");
});

test("a command is one shell command, whatever stands in it", () => {
  const command = shownCommand({
    origin: "https://p.example",
    method: "PUT",
    path: "/v1/mutes/m",
    body: { reason: "it's $(id) `id`" },
  });
  expect(command).toBe(
    `curl -X PUT 'https://p.example/v1/mutes/m' \\\n  -H "Authorization: Bearer $ADMIN_TOKEN" \\\n  -H 'Content-Type: application/json' \\\n  -d '{"reason":"it'\\''s $(id) \`id\`"}'`,
  );
});
