import { readFileSync } from "node:fs";
import type { Difference } from "../provided.ts";

const PAGE = new URL("../../../docs/answers.md", import.meta.url);
const ROW = /^\| (`.*`) +\| +`(.*?)` +\| +`(.*?)` +\| +`(.*?)` +\| +(.*?) *\|$/gm;

/** The table of docs/answers.md. */
export const readDifferences = (): Difference[] =>
  [...readFileSync(PAGE, "utf8").matchAll(ROW)].map(
    ([, names = "", byFetch = "", bySocket = "", onNode = "", why = ""]) => ({
      of: [...names.matchAll(/`(.*?)`/g)].map(([, name = ""]) => name),
      byFetch,
      bySocket,
      onNode,
      why,
    }),
  );
