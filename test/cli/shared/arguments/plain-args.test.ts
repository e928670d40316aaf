import { parseArgs, type ParseArgsConfig } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainArgs } from "../../../../src/cli/shared/arguments/plain-args.ts";

const OPTIONS = {
  url: { type: "string" },
  "timeout-ms": { type: "string", default: "3000" },
  binary: { type: "boolean", default: false },
  quiet: { type: "boolean", short: "q" },
} as const satisfies ParseArgsConfig["options"];

const parsed = (args: string[]): unknown => {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: OPTIONS,
      strict: true,
      allowPositionals: true,
    });
    return { values: { ...values }, positionals };
  } catch {
    return "turned down";
  }
};

describe("arguments read plainly", () => {
  it("are what parseArgs makes of them, or left to it", () => {
    const word = fc.oneof(
      fc.constantFrom(
        "--url",
        "--url=",
        "--url=a=b\nc",
        "--timeout-ms",
        "--binary",
        "--binary=true",
        "--no-binary",
      ),
      fc.constantFrom(
        "--quiet",
        "-q",
        "--quie",

        "--",
        "-",
        "---url",
        "",
        "fra/db-1",
        "--toString",
        "-5",
      ),
      fc.string(),
    );
    let read = 0;
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (args) => {
        const plain = plainArgs(args, OPTIONS);
        if (plain === undefined) return;
        read += 1;
        expect(plain).toEqual(parsed(args));
      }),
      { numRuns: 5_000 },
    );
    expect(read).toBeGreaterThan(500);
  });

  it.each([
    [["fra/db-1", "--url", "http://x", "--binary"]],
    [["--url=http://x", "--timeout-ms", "500", "fra/db-1"]],
    [[]],
  ])("are read where they are as the manual has them: %j", (args) => {
    expect(plainArgs(args, OPTIONS)).toEqual(parsed(args));
  });
});
