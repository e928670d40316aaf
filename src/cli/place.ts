import type { Place } from "../client/place.ts";
import { isName, NAME_RULE } from "../domain/plain/name.ts";
import { BadArgument } from "./flags.ts";

/** `SITE/TARGET`, or undefined where it is none. */
export const placeIn = (text: string): Place | undefined => {
  const [site = "", target = "", ...more] = text.split("/");
  return more.length === 0 && isName(site) && isName(target) ? { site, target } : undefined;
};

/** The one target a command is about. */
export const onlyPlace = (positionals: string[]): Place => {
  const [text, ...more] = positionals;
  if (text === undefined || more.length > 0) throw new BadArgument("name exactly one target, as SITE/TARGET");
  const place = placeIn(text);
  if (place === undefined) throw new BadArgument(`"${text}" is not SITE/TARGET, each of which ${NAME_RULE}`);
  return place;
};

export const nameOf = ({ site, target }: Place): string => `${site}/${target}`;
