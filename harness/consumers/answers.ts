import type { Observation } from "./consumer.ts";
import { resolveTimes } from "./dns.ts";
import type { Pair } from "./world.ts";

const QUERIES = 12;

/** The nodes in a name server's answers to twelve questions: `primary`, `standby`, `both` or `none`. */
export const askTwelveTimes = async (port: number, name: string, pair: Pair): Promise<Observation> => {
  const answers = await resolveTimes(port, name, QUERIES);
  const to = (address: string): number => answers.filter((some) => some.includes(address)).length;
  return whom(to(pair.primary.address), to(pair.standby.address), "answers");
};

/** In words, from the number of answers for each node. */
export const whom = (primary: number, standby: number, what: string): Observation => {
  const did = primary > 0 ? (standby > 0 ? "both" : "primary") : standby > 0 ? "standby" : "none";
  return { did, detail: `${what}: primary ${primary}, standby ${standby}` };
};
