import { expect, test } from "vitest";
import { asColumns, asMarkdown } from "./columns.ts";

const LINES = [
  ["a", "long head"],
  ["cell", "b"],
];

test("a terminal's columns are of equal width, with nothing after the last", () => {
  expect(asColumns(LINES)).toEqual(["a     long head", "cell  b"]);
});

test("columns after those at the left end at the right", () => {
  expect(asColumns(LINES, 1)).toEqual(["a     long head", "cell          b"]);
});

test("a page's table is as the formatter wants it", () => {
  expect(asMarkdown(LINES)).toEqual(["| a    | long head |", "| ---- | --------- |", "| cell | b         |"]);
});

test("no lines are no columns", () => {
  expect(asColumns([])).toEqual([]);
});
