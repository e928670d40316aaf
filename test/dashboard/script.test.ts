import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { buildPage, buildReplay } from "../../scripts/build-served.mjs";

/** The size of what is loaded at once. The judge, another 37 KB, is loaded when somebody opens the past. */
const GZIP_BYTES_MAX = 27_500;
const JUDGE_GZIP_BYTES_MAX = 39_000;

test("the page's script is small, and no schema library is in it", async () => {
  const { text, metafile } = await buildPage();
  expect(gzipSync(text, { level: 9 }).length).toBeLessThan(GZIP_BYTES_MAX);
  const [output] = Object.values(metafile.outputs);
  const parts = Object.keys(output?.inputs ?? {});
  expect(parts).toContain("src/dashboard/page.tsx");
  expect(parts.filter((part) => /node_modules\/(zod|hono)\//.test(part))).toEqual([]);
});

test("what judges again is a file of its own, of the production judge, without a schema library", async () => {
  const { text, metafile } = await buildReplay();
  expect(gzipSync(text, { level: 9 }).length).toBeLessThan(JUDGE_GZIP_BYTES_MAX);
  const [output] = Object.values(metafile.outputs);
  const parts = Object.keys(output?.inputs ?? {});
  expect(parts).toContain("src/verdict/judge.ts");
  expect(parts.filter((part) => part.includes("node_modules"))).toEqual([]);
});
