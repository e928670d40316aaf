import type { Finding } from "../../src/domain/observation.ts";

/** What never ends is waited for so long, on a machine that is not busy. */
const FIRST_MS = 900;
const FACTOR = 4;
/** The last deadline is a quarter of a minute: a machine that answers nothing within that tests nothing. */
const LAST_MS = FIRST_MS * FACTOR ** 2;
/** For a look whose finding no deadline has a part in. */
export const AMPLE_MS = LAST_MS;

export const said = ({ outcome, stage }: Finding): string => `${outcome}/${stage}`;

/**
 * The finding of a look of which it is known what it `finds`. A deadline that is short races what the servers do: where another
 * finding took until the deadline, the machine may have been busy, and the look has another with more time. A finding that came
 * sooner stands.
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
