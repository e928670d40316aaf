import { lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
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

/** Why a file must not be read: it is a directory, or a device, which may have no end. Undefined where there is none, or it may. */
export const whyUnreadable = (file: string): string | undefined => {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined || found.isFile() || found.isFIFO()) return undefined;
  return `${file} is ${found.isDirectory() ? "a directory" : "no regular file"}: name a file`;
};
