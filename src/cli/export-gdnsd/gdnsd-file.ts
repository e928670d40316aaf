import { utimesSync } from "node:fs";
import type { Client } from "../../client/client.ts";
import { modeOf, readIfThere, replaceFile } from "../shared/files/durable.ts";
import { CUT_OFF, tellsItsEnd } from "../shared/network/whole.ts";
import { inWords, isTokenRefused } from "../shared/output/trouble.ts";
import type { Settings } from "./settings.ts";
import { joinedStates, type States, statesIn, statesOfGroup, statesText } from "./states.ts";

/** The result for the file. `refused`: the detector refuses the token. */
export type GdnsdWritten =
  | { kind: "written" | "unchanged"; states: States; kept: string[] }
  | { kind: "failed" | "refused"; why: string };

const failed = (why: string): GdnsdWritten => ({ kind: "failed", why });

const oldStates = (file: string): { text: string; states: States } | string => {
  const text = readIfThere(file) ?? "";
  if (text === "") return { text, states: new Map() };
  const states = statesIn(text);
  return typeof states === "string"
    ? `${file} is not a file of this command: ${states}; remove it first`
    : { text, states };
};

/** The states that the detector returns, or how the call failed. */
const ask = async (
  client: Client,
  settings: Settings,
  stop?: AbortSignal,
): Promise<States | GdnsdWritten> => {
  const { site, group, ttl } = settings;
  const called =
    group === undefined ? await client.gdnsd({ site, ttl, stop }) : await client.groups.get(group, { stop });
  if (called.kind !== "ok")
    return { kind: isTokenRefused(called) ? "refused" : "failed", why: inWords(called) };
  if (typeof called.value !== "string") {
    const states = statesOfGroup(called.value.group, ttl);
    return typeof states === "string" ? failed(states) : states;
  }
  if (!tellsItsEnd(called.headers)) return failed(CUT_OFF);
  const states = statesIn(called.value);
  return typeof states === "string" ? failed(`the answer is no export for gdnsd: ${states}`) : states;
};

/** Asks once, and replaces the file where the answer is whole and valid. Never throws. */
export const keep = async (client: Client, settings: Settings, stop?: AbortSignal): Promise<GdnsdWritten> => {
  const { out, allowShrink } = settings;
  const fresh = await ask(client, settings, stop);
  if (!(fresh instanceof Map)) return fresh;
  try {
    const old = oldStates(out);
    if (typeof old === "string") return failed(old);
    const { states, kept } = allowShrink ? { states: fresh, kept: [] } : joinedStates(fresh, old.states);
    const text = statesText(states);
    if (text !== old.text) replaceFile(out, text, modeOf(out));
    // The age of the file then shows since when there has been no answer.
    else utimesSync(out, new Date(), new Date());
    return { kind: text === old.text ? "unchanged" : "written", states, kept };
  } catch (error) {
    return failed(`${out} cannot be replaced: ${(error as Error).message}`);
  }
};
