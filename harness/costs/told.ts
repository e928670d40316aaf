import type { DetectorApi } from "../../scripts/detector-api.ts";
import type { Tallies } from "../bench/tally.ts";

/** The counts of a detector so far. */
export const talliesOf = async (api: DetectorApi): Promise<Tallies> =>
  JSON.parse((await api.ask("/tally")).text) as Tallies;
