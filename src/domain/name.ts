import { z } from "zod";
import { NAME, NAME_RULE } from "./plain/names.ts";

export { isName, keyOf, NAME_RULE } from "./plain/names.ts";

/** A name of a site, target or vantage: lower case, digits and dashes, 1 to 63 characters. */
export const NameSchema = z.string().regex(NAME, NAME_RULE);
