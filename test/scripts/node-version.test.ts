import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { OLDEST, refusalOf } from "../../scripts/node-version.mjs";

describe("the version of Node", () => {
  it.each(["v20.20.2", "v16.0.0", "v22.17.1", "v22.9.0", "v8.17.0"])(
    "%s is refused in three lines",
    (version) => {
      const lines = (refusalOf(version, "/usr/bin/node") ?? "").split("\n");
      expect(lines).toHaveLength(3);
      expect(lines[0]).toContain(`needs Node ${OLDEST} or newer, and this is ${version} (/usr/bin/node)`);
      expect(lines[1]).toContain("npm rebuild node");
      expect(lines[2]).toContain("npm uninstall --no-save node");
    },
  );

  it.each([`v${OLDEST}`, "v22.18.1", "v22.100.0", "v24.0.0", "v26.1.0-nightly"])("%s is taken", (version) => {
    expect(refusalOf(version, "/usr/bin/node")).toBeUndefined();
  });
});

describe("the scripts of package.json", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };

  it.each(Object.entries(scripts))("%s runs in any shell, cmd.exe among them: %s", (_name, line) => {
    for (const command of line.split(" && ")) {
      expect(command).toMatch(/^(npm|node|wrangler|esbuild|tsc|oxfmt|oxlint|knip)( |$)/);
      expect(command).not.toMatch(/[;'`$|<>*\\]|\bexec\b/);
      // Without run.mjs, a Node that is too old would fail at the first syntax that it does not understand.
      if (command.startsWith("node ")) expect(command).toMatch(/^node scripts\/run\.mjs /);
    }
  });
});
