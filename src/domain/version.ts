/** As in package.json: `npm version` writes it, a test holds it. */
export const VERSION = "0.1.0";
