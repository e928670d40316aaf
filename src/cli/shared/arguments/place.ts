import type { Place } from "../../../client/paths.ts";
import { isName, NAME_RULE } from "../../../domain/plain/names.ts";
import { BadArgument } from "./flags.ts";

/** `SITE/TARGET` as a place; undefined for any other text. */
export const placeIn = (text: string): Place | undefined => {
  const [site = "", target = "", ...more] = text.split("/");
  return more.length === 0 && isName(site) && isName(target) ? { site, target } : undefined;
};

/** The target an argument names; throws BadArgument. */
const placeOf = (text: string): Place => {
  const place = placeIn(text);
  if (place === undefined) throw new BadArgument(`"${text}" is not SITE/TARGET, each of which ${NAME_RULE}`);
  return place;
};

/** The one target a command is about. */
export const onlyPlace = (positionals: string[]): Place => {
  const [text, ...more] = positionals;
  if (text === undefined || more.length > 0) throw new BadArgument("name exactly one target, as SITE/TARGET");
  return placeOf(text);
};

/** The targets a command is about, one at least and none twice. */
export const placesIn = (positionals: string[]): Place[] => {
  if (positionals.length === 0) throw new BadArgument("name each target, as SITE/TARGET");
  const twice = positionals.find((text, index) => positionals.indexOf(text) < index);
  if (twice !== undefined) throw new BadArgument(`${twice} is named twice`);
  return positionals.map(placeOf);
};

export const nameOf = ({ site, target }: Place): string => `${site}/${target}`;
