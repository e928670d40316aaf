import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Player } from "../crew.ts";
import { type Mode, REPORT_EFFORTS } from "./effort.ts";
import { gatherFigures } from "./figures.ts";
import { fingerprintOf, KeptPlayer, OutOfTime } from "./kept.ts";
import { pageOf } from "./page.ts";
import { pictureOf } from "./picture.ts";
import { rawOf } from "./raw.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PICTURE = "detection.svg";
const RAW = "detection.json";

export interface Order {
  first: number;
  mode: Mode;
  /** After so long nothing new is begun; undefined: until all is done. */
  limitMs: number | undefined;
}

/**
 * Writes `docs/detection.md`, its picture and the tables behind it; false where the time was up before all was played: then nothing is
 * written, and the same order goes on from there.
 */
export const writeReport = async (
  player: Player,
  { first, mode, limitMs }: Order,
  tell: (line: string) => void,
): Promise<boolean> => {
  const begin = performance.now();
  const isTimeUp = (): boolean => limitMs !== undefined && performance.now() - begin >= limitMs;
  const kept = new KeptPlayer(player, join(ROOT, ".sim", fingerprintOf(ROOT)), isTimeUp);
  const effort = REPORT_EFFORTS[mode];
  try {
    const figures = await gatherFigures(kept, effort, first, tell);
    const docs = join(ROOT, "docs");
    mkdirSync(docs, { recursive: true });
    writeFileSync(join(docs, PICTURE), pictureOf(figures.points));
    writeFileSync(join(docs, RAW), rawOf(figures));
    writeFileSync(join(docs, "detection.md"), pageOf(figures, { mode, picture: PICTURE, raw: RAW }));
    return true;
  } catch (cause) {
    if (!(cause instanceof OutOfTime)) throw cause;
    tell(cause.message);
    return false;
  }
};
