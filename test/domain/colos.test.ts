import { describe, expect, it } from "vitest";
import { strayArea } from "../../src/domain/colos.ts";

describe("an object's place", () => {
  it.each([
    { hint: "weur", colo: "FRA", area: null },
    { hint: "eeur", colo: "FRA", area: null },
    { hint: "apac", colo: "NRT", area: null },
    { hint: "apac-se", colo: "NRT", area: "north-eastern Asia" },
    { hint: "sam", colo: "IAD", area: "eastern North America" },
    { hint: "wnam", colo: "EWR", area: "eastern North America" },
    { hint: "oc", colo: "SIN", area: "south-eastern Asia" },
    { hint: "oc", colo: "XXX", area: null },
    { hint: "oc", colo: null, area: null },
    { hint: "hel", colo: "HEL", area: null },
  ])("asked for in $hint and found in $colo strays to $area", ({ hint, colo, area }) => {
    expect(strayArea(hint, colo)).toBe(area);
  });
});
