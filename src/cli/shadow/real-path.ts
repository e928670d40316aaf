import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** More links than this in a row are a circle. */
const MAX_LINKS = 40;

/**
 * The one path of a file, whatever links lead to it. The file need not be there yet, but its directory must: it throws where that is missing.
 */
export const realPathOf = (file: string, links = MAX_LINKS): string => {
  const path = join(realpathSync(dirname(resolve(file))), basename(resolve(file)));
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink && links > 0 ? realPathOf(resolve(dirname(path), readlinkSync(path)), links - 1) : path;
};
