import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { probeKindOf, SCHEMES } from "../../src/domain/kinds.ts";

const PAGE = readFileSync(new URL("../../docs/probes.md", import.meta.url), "utf8");

describe("docs/probes.md", () => {
  test.each(SCHEMES)("has scheme %s, its port, and all that may be expected of it", (scheme) => {
    const { expect: schema, port } = probeKindOf(scheme);
    const row = PAGE.split("\n").find((line) => line.startsWith(`| \`${scheme}://`));
    expect(row).toContain(port === undefined ? "must be named" : `| ${port} `);
    for (const field of Object.keys(schema.shape)) expect(PAGE).toContain(`| \`${field}\``);
  });
});
