/** As in package.json, which the one file cannot read. */
export const VERSION = "0.1.0";
