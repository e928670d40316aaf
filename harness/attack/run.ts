// `npm run attack [-- PART …]`: overloads and mistreats the built bundle, on loopback alone, and prints the outcome.
import { parseArgs } from "node:util";
import { attackByCrashes } from "./crashes.ts";
import { attackByDisk } from "./disk.ts";
import { attackByKills } from "./kills.ts";
import { attackByLoad } from "./load.ts";
import { attackByRequests } from "./requests.ts";
import { type Built, build } from "./runtime.ts";
import { attackByUpgrade, keepData } from "./upgrade.ts";
import { killWords, loadWords, requestWords } from "./words.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: "string", default: "200" },
    minutes: { type: "string", default: "10" },
    requests: { type: "string", default: "5000" },
    "keep-data": { type: "boolean", default: false },
  },
});
const kills = Number(values.kills);
const minutes = Number(values.minutes);
const requests = Number(values.requests);

/** What one part measured, and what it found wrong, each in lines. */
interface Outcome {
  lines: string[];
  faults: string[];
}

const PARTS: Record<string, (built: Built, say: (line: string) => void) => Promise<Outcome>> = {
  kills: async (built, say) => {
    const figures = await attackByKills(built, kills, say);
    return { lines: killWords(figures), faults: figures.faults };
  },
  load: async (built, say) => {
    const figures = await attackByLoad(built, minutes, say);
    return { lines: loadWords(figures), faults: figures.faults };
  },
  disk: attackByDisk,
  upgrade: attackByUpgrade,
  requests: async (built, say) => {
    const figures = await attackByRequests(built, requests, say);
    return { lines: requestWords(figures), faults: figures.faults };
  },
  crashes: () => Promise.resolve(attackByCrashes()),
};

const unknown = positionals.filter((part) => PARTS[part] === undefined);
const isCount = (count: number): boolean => Number.isInteger(count) && count >= 1 && count <= 100_000;
const isSound = isCount(kills) && isCount(requests) && minutes > 0 && minutes <= 24 * 60;
if (unknown.length > 0 || !isSound) {
  console.error(
    `usage: npm run attack [-- PART …] [--kills 1…100000] [--minutes …1440] [--requests 1…100000]; parts: ${Object.keys(PARTS).join(", ")}`,
  );
  process.exit(2);
}

const began = performance.now();
const sayOf =
  (part: string) =>
  (line: string): void =>
    console.error(`${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${part}: ${line}`);

if (values["keep-data"]) {
  console.log(`kept what the last release makes: ${await keepData()} bytes`);
  process.exit();
}
const built = await build();
let isWell = true;
try {
  for (const [part, attack] of Object.entries(PARTS)) {
    if (positionals.length > 0 && !positionals.includes(part)) continue;
    const { lines, faults } = await attack(built, sayOf(part));
    for (const line of lines) console.log(`${part}: ${line}`);
    for (const fault of faults.slice(0, 50)) console.log(`${part}: WRONG: ${fault}`);
    isWell &&= faults.length === 0;
  }
} finally {
  await built.remove();
}
process.exit(isWell ? 0 : 1);
