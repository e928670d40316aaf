import { z } from "zod";

/** A name of a site, target or vantage: lower case, digits and dashes, 1 to 63 characters. */
export const NameSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    "must be 1 to 63 characters of a-z, 0-9 and '-', beginning with a letter or digit",
  );

/** `site/target`, unique in the whole deployment: neither part can hold a slash. */
export const keyOf = (site: string, target: string): string => `${site}/${target}`;
