import { describe, expect, it } from "vitest";
import { NUMBERS, pages, renewed } from "../../scripts/docs-numbers.ts";

const numbers = new Map([
  ["lifeMs", 45_000],
  ["share", 0.25],
  ["needed", 4],
  ["belief", 0.9995],
]);

describe("the judge's numbers in the pages", () => {
  it("are those of the code: else `npm run docs:numbers` writes them", () => {
    for (const [path, page] of pages()) expect(renewed(page).differences, path).toEqual([]);
  });

  it("are marked on one line, or a mark would be passed over", () => {
    for (const [path, page] of pages())
      for (const line of page.split("\n"))
        expect(line.split("<!--").length, `${path}: ${line}`).toBe(line.split("-->").length);
  });

  it("are marked wherever the page on verdicts has a time, a share or a belief", () => {
    const page = pages().get("docs/verdicts.md") ?? "";
    expect(page.match(/<!-- /g)?.length).toBeGreaterThan(50);
    const unmarked = page
      .replaceAll(/\d+(\.\d+)?( (s|ms|min|%))?<!--.*?-->/g, "")
      .match(/\d+\.\d+|\d+ ?%|\d+ (m?s|min|h)\b|\w+ (seconds?|minutes?|hours?)\b(?!<!--)/g);
    // The tolerance that a test allows for beliefs.
    expect(unmarked).toEqual(["0.005"]);
  });

  it("are known by the names they have in the code", () => {
    for (const name of ["downBelief", "EXACT_PATHS", "PRIORS.dead", "LIKELIHOOD.ok.up", "lossySinceMs.0"])
      expect(NUMBERS.has(name), name).toBe(true);
  });
});

describe("a page", () => {
  const page = [
    "It waits 30 s<!-- lifeMs -->, for a fifth<!-- share --> of three<!-- needed -->.",
    "",
    "| believed (0.999<!-- belief -->) | and |",
    "| ------------------------------ | --- |",
    "| 25 %<!--share--> | 4<!-- needed --> of 30 s, unmarked |",
  ].join("\n");

  it("gets its marked numbers anew, and no others", () => {
    expect(renewed(page, numbers)).toEqual({
      page: page
        .replace("30 s", "45 s")
        .replace("a fifth", "a quarter")
        .replace("three", "four")
        .replace("0.999", "0.9995"),
      differences: [
        { line: 1, byHand: false, problem: '"30 s" is "45 s" by lifeMs' },
        { line: 1, byHand: false, problem: '"a fifth" is "a quarter" by share' },
        { line: 1, byHand: false, problem: '"three" is "four" by needed' },
        { line: 3, byHand: false, problem: '"0.999" is "0.9995" by belief' },
      ],
    });
  });

  it("may have a comment on a line of its own that names no number", () => {
    expect(renewed("one\n\n<!-- a word to a test -->\n", numbers).differences).toEqual([]);
  });

  it("is as it should be once that is done", () => {
    const { page: after } = renewed(page, numbers);
    expect(renewed(after, numbers)).toEqual({ page: after, differences: [] });
  });

  it.each([
    ["0.99<!-- belive -->", "the judge has no number of the name belive"],
    ["much<!-- belief -->", "no number stands before belief"],
    ["<!-- belief -->", "no number stands before belief"],
    ["3<!-- lifeMs -->", '"3" is no time, unlike lifeMs'],
    ["4 s<!-- needed -->", '"4 s" is a time, unlike needed'],
    [
      "nine times in ten<!-- belief -->",
      '"nine times in ten" cannot say belief = 0.9995: write it in another way',
    ],
  ])("with %s is left as it is, to be mended by hand", (text, problem) => {
    expect(renewed(text, numbers)).toEqual({ page: text, differences: [{ line: 1, byHand: true, problem }] });
  });
});
