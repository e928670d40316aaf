import { readFileSync } from "node:fs";

const settings = readFileSync(new URL("../wrangler.toml", import.meta.url), "utf8");
const valueOf = (name: string): string => new RegExp(`^${name} = (.+)$`, "m").exec(settings)?.[1] ?? "null";

/** As deploy sets them, for whoever runs the bundle without wrangler. */
export const COMPATIBILITY_DATE = JSON.parse(valueOf("compatibility_date")) as string;
export const COMPATIBILITY_FLAGS = JSON.parse(valueOf("compatibility_flags")) as string[];
