import { describe, expect, it } from "vitest";
import { exportedBy, namesIn } from "../../scripts/names.ts";

describe("what a file exports of its own", () => {
  it.each([
    ["export const one = 1;\nconst two = 2;", ["one"]],
    ["export async function* all() {}", ["all"]],
    ["export function* some() {}", ["some"]],
    ["export class A {}\nexport interface B {}\nexport type C = A;", ["A", "B", "C"]],
    ["export const { a, b: c } = both;", ["a", "c"]],
    ["const x = 1;\nexport { x as y };", ["y"]],
    ['export { z } from "./z.ts";\nexport * from "./all.ts";', []],
    ["export type A = 1;\nexport const A = 1;", ["A"]],
    ["  export const inner = 1;", []],
  ])("of %j is %j", (text, names) => {
    expect([...exportedBy(text)]).toEqual(names);
  });
});

it("what is called the same is listed with its files, but settings and index files", () => {
  const found = namesIn(
    new Map([
      ["src/a/look.ts", "export const look = 1;"],
      ["src/b/look.ts", "export type look = 2;\nexport const own = 1;"],
      ["src/c/settings.ts", 'export { look } from "../a/look.ts";\nexport const USAGE = "";'],
      ["src/d/settings.ts", 'export const USAGE = "";'],
    ]),
  );
  expect(found).toEqual({
    files: 4,
    exported: 3,
    names: [["look", ["src/a/look.ts", "src/b/look.ts"]]],
    sameFiles: [["look.ts", ["src/a/look.ts", "src/b/look.ts"]]],
  });
});
