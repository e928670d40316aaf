/** `npm run costs`: counts what a detector does, and writes docs/costs.json and docs/costs.md; `--page`: the page alone, from counts there are. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Counts } from "./counts.ts";
import { measure } from "./measure.ts";
import { pageOf } from "./page.ts";

const JSON_FILE = new URL("../../docs/costs.json", import.meta.url);
const PAGE_FILE = new URL("../../docs/costs.md", import.meta.url);

const flags = process.argv.slice(2);
const unknown = flags.filter((flag) => flag !== "--page");
if (unknown.length > 0) {
  console.error(`no such flag: ${unknown.join(" ")}; there is --page`);
  process.exit(2);
}

if (!flags.includes("--page")) {
  const counted = await measure((what) => console.error(what));
  const counts: Counts = { countedOn: new Date().toISOString().slice(0, 10), ...counted };
  writeFileSync(JSON_FILE, `${JSON.stringify(counts, null, 1)}\n`);
}
writeFileSync(PAGE_FILE, pageOf(JSON.parse(readFileSync(JSON_FILE, "utf8")) as Counts));
