// `npm run scale`: the whole detector on many shards with real nodes, and beside it 100 targets on one, in the same run.
import { parseArgs } from "node:util";
import { measureScale } from "./measure.ts";
import { scaleTable } from "./table.ts";
import { type Scale, scaleProblem } from "./world.ts";

const { values } = parseArgs({
  options: {
    targets: { type: "string", default: "10000" },
    shards: { type: "string", default: "20" },
    vantages: { type: "string", default: "3" },
    interval: { type: "string", default: "60" },
    json: { type: "boolean", default: false },
  },
});
const whole: Scale = {
  targets: Number(values.targets),
  shards: Number(values.shards),
  vantages: Number(values.vantages),
  intervalMs: Number(values.interval) * 1_000,
};
const base: Scale = { ...whole, targets: 100, shards: 1 };
const problem = scaleProblem(whole);
if (problem !== null) {
  console.error(problem);
  process.exit(2);
}

const began = performance.now();
const say =
  (what: string) =>
  (line: string): void =>
    console.error(`${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${what}: ${line}`);
const figures = {
  base: await measureScale(base, say("100 targets on one shard")),
  whole: await measureScale(whole, say(`${whole.targets} targets on ${whole.shards} shards`)),
};
console.log(values.json ? JSON.stringify(figures, null, 2) : scaleTable(figures.base, figures.whole));
process.exit();
