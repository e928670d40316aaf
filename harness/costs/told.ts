import type { DetectorApi } from "../../scripts/detector-api.ts";
import type { Tallies } from "../bench/tally.ts";

/** What a detector counted so far. */
export const talliesOf = async (api: DetectorApi): Promise<Tallies> =>
  JSON.parse((await api.ask("/tally")).text) as Tallies;
