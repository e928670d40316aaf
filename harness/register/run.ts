// `npm run register`: a register with a fence, its members led by agents, under faults drawn from a seed, and its history checked.
import { findOut, reasonsAgainst } from "../lab/ability.ts";
import { runInside } from "../lab/start.ts";
import { parseOptions, USAGE } from "./options.ts";
import type { Outcome } from "./outcome.ts";
import { asJson, asText, complaintsOf, isRight, summaryOf } from "./table.ts";

const INNER = new URL("./inner.ts", import.meta.url);
const CANNOT = 2;

const main = async (): Promise<number> => {
  const options = parseOptions(process.argv.slice(2), Date.now() % 1_000_000);
  if (typeof options === "string") {
    console.error(`${options}\n${USAGE}`);
    return CANNOT;
  }
  const reasons = reasonsAgainst(await findOut());
  if (reasons.length > 0) {
    console.error(`The lab cannot run here.\n${reasons.map((reason) => `  ${reason}`).join("\n")}`);
    return CANNOT;
  }
  console.error(`${options.lease} lease, seed ${options.seed}, ${options.rounds} rounds`);
  const outcome = await runInside<Outcome>(INNER, options);
  if (outcome === undefined) return 1;
  console.error(`${asText(outcome)}\n${summaryOf(outcome, options)}`);
  for (const complaint of complaintsOf(outcome)) console.error(complaint);
  if (options.json) console.log(asJson(outcome, options));
  return isRight(outcome) ? 0 : 1;
};

process.exitCode = await main();
