import { isIP } from "node:net";
import { gdnsdKey, gdnsdLine } from "../../domain/gdnsd.ts";
import type { GroupAnswer } from "../../domain/group.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { inOneLine } from "../shared/output/trouble.ts";

/** The file of gdnsd's extfile by key: each line whole. */
export type States = Map<string, string>;

/** `192.0.2.1 => DOWN/30`, or a name with a dot at its end; a key of unusual characters is quoted. */
const LINE = /^("[^"\\]+"|[\w.:-]+) => (?:UP|DOWN)(?:\/\d{1,9})?$/;

/** The states in the text, or what is wrong with it. A text that is cut off within a line ends without a line end. */
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
 * The states of a group's members, or what is wrong. Two members on one address are one host to DNS, which is up if either serves. gdnsd
 * takes a missing key for up, and treats all hosts down as all up. So no answer may lead to either.
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

/** The new states, with the old states of hosts that the new ones lack; `kept`: those hosts. */
export const joinedStates = (fresh: States, old: States): { states: States; kept: string[] } => {
  const kept = [...old.keys()].filter((key) => !fresh.has(key));
  const lacking = kept.map((key): [string, string] => [key, old.get(key) ?? ""]);
  return { states: new Map([...fresh, ...lacking]), kept };
};

export const statesText = (states: States): string =>
  `# gdnsd extfile by Parallax\n${[...states.values()].map((line) => `${line}\n`).join("")}`;

export const downIn = (states: States): string[] =>
  [...states].filter(([, line]) => line.includes(" => DOWN")).map(([key]) => key);
