import { z } from "zod";

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const NAME_RULE = "must be 1 to 63 characters of a-z, 0-9 and '-', beginning with a letter or digit";

/** A name of a site, target or vantage: lower case, digits and dashes, 1 to 63 characters. */
export const NameSchema = z.string().regex(NAME, NAME_RULE);

/** The same rule without the schema, for paths where each microsecond counts. */
export const isName = (text: string): boolean => NAME.test(text);

/** `site/target`, unique in the whole deployment: neither part can hold a slash. */
export const keyOf = (site: string, target: string): string => `${site}/${target}`;
