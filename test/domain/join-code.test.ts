import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BODY_CHARACTERS, charactersOf, joinOf, readCode, writtenCode } from "../../src/domain/join-code.ts";

const body = fc
  .array(fc.nat(255), { minLength: BODY_CHARACTERS, maxLength: BODY_CHARACTERS })
  .map((numbers) => charactersOf(numbers));
const CODE = "7K3M9QX-0000000-0000000-00000V2";
const isMistyped = (text: string): boolean => /mistyped/.test(JSON.stringify(readCode(text)));

describe("a code", () => {
  it("is read as it was written, whatever people make of it", () => {
    fc.assert(
      fc.property(body, (text) => {
        const code = writtenCode(text);
        expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{7}-){3}[0-9A-HJKMNP-TV-Z]{7}$/);
        const plain = { code: code.replaceAll("-", "") };
        expect(plain.code.slice(0, BODY_CHARACTERS)).toBe(text);
        for (const said of [
          code,
          code.toLowerCase(),
          plain.code,
          ` ${code}\n`,
          code.replaceAll("-", " "),
          code.replaceAll("1", "l").replaceAll("0", "o"),
          code.replaceAll("1", "I").replaceAll("0", "O"),
        ])
          expect(readCode(said), said).toEqual(plain);
      }),
    );
  });

  it("with any one character wrong, or any two neighbours that changed places, is mistyped", () => {
    fc.assert(
      fc.property(body, fc.nat(BODY_CHARACTERS + 1), fc.integer({ min: 1, max: 31 }), (text, at, step) => {
        const plain = writtenCode(text).replaceAll("-", "");
        const right = plain[at] ?? "";
        const number = Array.from({ length: 32 }, (_, each) => charactersOf([each])).indexOf(right);
        const wrong = charactersOf([(number + step) % 32]);
        expect(isMistyped(plain.slice(0, at) + wrong + plain.slice(at + 1))).toBe(true);
        const next = plain[at + 1] ?? right;
        if (next !== right)
          expect(isMistyped(plain.slice(0, at) + next + right + plain.slice(at + 2))).toBe(true);
      }),
    );
  });

  it("names its join by its beginning", () => {
    expect(joinOf("7K3M9QX000000000000000000000")).toBe("j-7k3m9qx");
  });

  it.each([
    ["", "must be a join code"],
    ["7K3M9QX", "must be a join code"],
    [`${CODE}0`, "must be a join code"],
    [CODE.replace("7", "U"), "must be a join code"],
    [CODE.replace("7", "*"), "must be a join code"],
    ["plx_0123456789012345678901234567890123456789012", "must be a join code"],
    [CODE, "was mistyped"],
  ])("%s is none: it %s", (text, problem) => {
    expect(readCode(text)).toEqual({ problem: expect.stringContaining(problem) });
  });
});
