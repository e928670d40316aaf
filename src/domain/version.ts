/** As in package.json, which neither the Worker nor the one-file program can read. */
export const VERSION = "0.1.0";
