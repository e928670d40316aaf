import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Player } from "../crew.ts";
import { REPORT_EFFORTS } from "./effort.ts";
import { gatherFigures } from "./figures.ts";
import { fingerprintOf, KeptPlayer, OutOfTime } from "./kept.ts";
import { pageOf } from "./page.ts";
import { pictureOf } from "./picture.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PICTURE = "detection.svg";

export interface Order {
  first: number;
  isFull: boolean;
  /** After so long nothing new is begun; undefined: until all is done. */
  limitMs: number | undefined;
}

/**
 * Writes `docs/detection.md` and its picture; false where the time was up before all was played: then nothing is
 * written, and the same order goes on from there.
 */
export const writeReport = async (
  player: Player,
  { first, isFull, limitMs }: Order,
  tell: (line: string) => void,
): Promise<boolean> => {
  const begin = performance.now();
  const isTimeUp = (): boolean => limitMs !== undefined && performance.now() - begin >= limitMs;
  const kept = new KeptPlayer(player, join(ROOT, ".sim", fingerprintOf(ROOT)), isTimeUp);
  const effort = REPORT_EFFORTS[isFull ? "full" : "usual"];
  try {
    const figures = await gatherFigures(kept, effort, first, tell);
    const docs = join(ROOT, "docs");
    mkdirSync(docs, { recursive: true });
    writeFileSync(join(docs, PICTURE), pictureOf(figures.points));
    writeFileSync(join(docs, "detection.md"), pageOf(figures, { isFull, picture: PICTURE }));
    return true;
  } catch (cause) {
    if (!(cause instanceof OutOfTime)) throw cause;
    tell(cause.message);
    return false;
  }
};
