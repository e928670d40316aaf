// `npm run attack [-- PART …]`: asks more of the built bundle than is good for it, on loopback alone, and prints what became of it.
import { parseArgs } from "node:util";
import { attackByKills } from "./kills.ts";
import { build } from "./runtime.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kills: { type: "string", default: "200" } },
});
const kills = Number(values.kills);
const PARTS = ["kills"];
const unknown = positionals.filter((part) => !PARTS.includes(part));
if (unknown.length > 0 || !(Number.isInteger(kills) && kills >= 1 && kills <= 100_000)) {
  console.error(
    `usage: npm run attack [-- PART …] [--kills N]; parts: ${PARTS.join(", ")}; --kills: 1 to 100000`,
  );
  process.exit(2);
}

const began = performance.now();
const say =
  (part: string) =>
  (line: string): void =>
    console.error(`${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${part}: ${line}`);
const inWords = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
const built = await build();
let isWell = true;
try {
  {
    const {
      faults,
      acknowledged,
      slowestStartMs,
      kills: done,
    } = await attackByKills(built, kills, say("kills"));
    for (const fault of faults.slice(0, 50)) console.log(`kills: WRONG: ${fault}`);
    console.log(
      `kills: ${done} SIGKILLs, acknowledged: ${inWords(acknowledged)}; ${faults.length} lost, back or half there; slowest start ${slowestStartMs.toFixed(0)} ms`,
    );
    isWell &&= faults.length === 0;
  }
} finally {
  await built.remove();
}
process.exit(isWell ? 0 : 1);
