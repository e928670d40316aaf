import { mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readIfThere, replaceFile } from "../../../../src/cli/shared/files/durable.ts";
import { boundLookups } from "../../../../src/cli/shared/network/lookup.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "parallax-durable-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("a file that is kept", () => {
  it("is read and replaced, through a link as well", () => {
    const [file, link] = [join(dir, "file"), join(dir, "link")];
    expect(readIfThere(file)).toBeUndefined();
    replaceFile(file, "one\n", 0o600);
    symlinkSync(file, link);
    replaceFile(link, "two\n", 0o600);
    expect(readFileSync(file, "utf8")).toBe("two\n");
    expect(readIfThere(link)).toBe("two\n");
  });

  it("is not taken for absent where a link to it points nowhere: what was kept is out of reach", () => {
    const link = join(dir, "link");
    symlinkSync(join(dir, "not mounted"), link);
    expect(() => readIfThere(link)).toThrow("ENOENT");
    expect(() => replaceFile(link, "x", 0o600)).toThrow("ENOENT");
  });

  it.each(["/dev/null", "/dev/zero", "/proc"])("is never %s", (name) => {
    expect(() => readIfThere(name)).toThrow("no regular file");
    expect(() => replaceFile(name, "x", 0o600)).toThrow("no regular file");
    const link = join(dir, "link");
    symlinkSync(name, link);
    expect(() => replaceFile(link, "x", 0o600)).toThrow("no regular file");
  });

  it("is not read where it is far too long", () => {
    const file = join(dir, "file");
    writeFileSync(file, "");
    truncateSync(file, 3_000_000_000);
    expect(() => readIfThere(file)).toThrow("longer than");
  });
});

describe("the lookup of names", () => {
  it("is bounded, unless the environment says how", () => {
    const [plain, own] = [{}, { RES_OPTIONS: "timeout:3" }] as NodeJS.ProcessEnv[];
    boundLookups(plain ?? {});
    boundLookups(own ?? {});
    expect(plain).toEqual({ RES_OPTIONS: "timeout:1 attempts:1" });
    expect(own).toEqual({ RES_OPTIONS: "timeout:3" });
  });
});
