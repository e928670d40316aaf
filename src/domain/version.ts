/** As in package.json: `npm version` writes it, and a test checks it. */
export const VERSION = "0.1.0";
