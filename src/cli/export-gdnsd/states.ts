import { isIP } from "node:net";
import { gdnsdKey, gdnsdLine } from "../../domain/gdnsd.ts";
import type { GroupAnswer } from "../../domain/group.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { inOneLine } from "../shared/output/trouble.ts";

/** The file of gdnsd's extfile by key: each line whole. */
export type States = Map<string, string>;

/** `192.0.2.1 => DOWN/30`, or a name with a dot at its end; a key of unusual characters is quoted. */
const LINE = /^("[^"\\]+"|[\w.:-]+) => (?:UP|DOWN)(?:\/\d{1,9})?$/;

/** What the text says, or what is wrong with it. A text that is cut off in a line ends without a line's end. */
export const statesIn = (text: string): States | string => {
  if (!text.endsWith("\n")) return text === "" ? "it is empty" : "its last line is cut off";
  const states: States = new Map();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const key = LINE.exec(line)?.[1];
    if (key === undefined) return `this is no state of gdnsd: ${inOneLine(line, 80)}`;
    if (states.has(key)) return `${key} stands in it twice`;
    states.set(key, line);
  }
  return states.size === 0 ? "it names no host" : states;
};

const isHost = (address: string): boolean => isIP(address) !== 0 || /^[\w-]+(?:\.[\w-]+)*\.?$/.test(address);

/**
 * A group's members, or what is wrong. Two on one address are one to DNS: it is up where either serves. gdnsd takes a key that it
 * does not find for up, and all that are down for all up: neither may come of an answer.
 */
export const statesOfGroup = (
  { members, because }: GroupAnswer,
  ttl: number | undefined,
): States | string => {
  const lacking = members.find(({ address }) => !isHost(address));
  if (lacking !== undefined)
    return `gdnsd cannot know ${nameOf(lacking)} by ${lacking.address}: it must be an address or a name, without a port`;
  const serving = members.filter(({ serves }) => serves);
  if (serving.length === 0) return because;
  const up = new Set(serving.map(({ address }) => gdnsdKey(address)));
  const keys = members.map(({ address }) => gdnsdKey(address)).toSorted();
  return new Map(keys.map((key) => [key, gdnsdLine(key, !up.has(key), ttl)]));
};

/** The new states, and of hosts that are missing there the old ones; `kept`: those. */
export const joinedStates = (fresh: States, old: States): { states: States; kept: string[] } => {
  const kept = [...old.keys()].filter((key) => !fresh.has(key));
  const lacking = kept.map((key): [string, string] => [key, old.get(key) ?? ""]);
  return { states: new Map([...fresh, ...lacking]), kept };
};

export const statesText = (states: States): string =>
  `# gdnsd extfile by Parallax\n${[...states.values()].map((line) => `${line}\n`).join("")}`;

export const downIn = (states: States): string[] =>
  [...states].filter(([, line]) => line.includes(" => DOWN")).map(([key]) => key);
