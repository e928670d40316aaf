import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { released, versionModule } from "../../scripts/release.ts";

const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
interface Package {
  version: string;
  files: string[];
  exports: Record<string, Record<string, string>>;
}
const { version, files, exports } = JSON.parse(textOf("package.json")) as Package;

describe("the version", () => {
  it("is package.json's in programs and lockfile: else `npm version` was gone round", () => {
    expect(textOf("src/domain/version.ts")).toBe(versionModule(version));
    expect((JSON.parse(textOf("package-lock.json")) as { version: string }).version).toBe(version);
  });

  it("is the newest release of the changelog, once there is one", () => {
    const [newest = version] = [...textOf("CHANGELOG.md").matchAll(/^## \[(\d[^\]]*)\]/gm)].map(
      ([, it]) => it,
    );
    expect(newest).toBe(version);
  });
});

describe("the package", () => {
  it("holds what it exports", () => {
    const packed = files.map((path) => `./${path}`);
    for (const target of Object.values(exports).flatMap((ways) => Object.values(ways)))
      expect(
        packed.filter((path) => target === path || target.startsWith(`${path}/`)),
        target,
      ).toHaveLength(1);
  });
});

describe("a release", () => {
  const CHANGELOG =
    "# Changelog\n\n## [Unreleased]\n\n### Fixed\n\n- It said dead.\n\n## [0.1.0] - 2026-01-01\n";

  it("takes what was unreleased, and begins anew above it", () => {
    expect(released(CHANGELOG, "0.2.0", "2026-02-01")).toBe(
      "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-02-01\n\n### Fixed\n\n- It said dead.\n\n## [0.1.0] - 2026-01-01\n",
    );
  });

  it.each([
    ["nothing is said of it", CHANGELOG.replace("- It said dead.\n", ""), /nothing under/],
    ["there is no place for it", CHANGELOG.replace("[Unreleased]", "[Next]"), /no line/],
  ])("is refused where %s", (_, changelog, message) => {
    expect(() => released(changelog, "0.2.0", "2026-02-01")).toThrow(message);
  });
});
