import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { buildPage } from "../../scripts/build-served.mjs";

/** With the judge, which is to come, it may be 45 KB. */
const GZIP_BYTES_MAX = 24_500;

test("the page's script is small, and no schema library is in it", async () => {
  const { text, metafile } = await buildPage();
  expect(gzipSync(text, { level: 9 }).length).toBeLessThan(GZIP_BYTES_MAX);
  const [output] = Object.values(metafile.outputs);
  const parts = Object.keys(output?.inputs ?? {});
  expect(parts).toContain("src/dashboard/page.tsx");
  expect(parts.filter((part) => /node_modules\/(zod|hono)\//.test(part))).toEqual([]);
});
