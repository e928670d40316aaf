import type { Finding } from "../../src/domain/observation.ts";

/** How long a look waits for what never ends, on a machine that is not busy. */
const FIRST_MS = 900;
const FACTOR = 4;
/** The last deadline is a quarter of a minute. A machine that answers nothing within that time cannot run the tests. */
const LAST_MS = FIRST_MS * FACTOR ** 2;
/** For looks whose finding does not depend on a deadline. */
export const AMPLE_MS = LAST_MS;

export const said = ({ outcome, stage }: Finding): string => `${outcome}/${stage}`;

/**
 * The finding of a look that should find `finds`. A short deadline races the servers: where the look took until its deadline and found
 * something else, the machine may have been busy, and the look is repeated with more time. A finding that came sooner is final.
 */
export const inTime = async (
  finds: string,
  look: (timeoutMs: number) => Promise<Finding>,
  timeoutMs = FIRST_MS,
): Promise<Finding> => {
  const begin = Date.now();
  const finding = await look(timeoutMs);
  const isCutShort = Date.now() - begin >= timeoutMs && said(finding) !== finds;
  return isCutShort && timeoutMs < LAST_MS ? inTime(finds, look, timeoutMs * FACTOR) : finding;
};
