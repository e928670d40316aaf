import { readFileSync } from "node:fs";

const settings = readFileSync(new URL("../wrangler.toml", import.meta.url), "utf8");
const valueOf = (name: string): string => new RegExp(`^${name} = (.+)$`, "m").exec(settings)?.[1] ?? "null";

/** The settings that `npm run deploy` uses, for programs that run the bundle without wrangler. */
export const COMPATIBILITY_DATE = JSON.parse(valueOf("compatibility_date")) as string;
export const COMPATIBILITY_FLAGS = JSON.parse(valueOf("compatibility_flags")) as string[];
