import type { GroupAnswer } from "../../domain/group.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { inOneLine } from "../shared/output/trouble.ts";

/** What is said of a target. */
export interface TargetLine {
  /** Traffic should leave it. Undefined: nobody knows now. */
  leave: boolean | undefined;
  line: string;
}

const LINE = /^(avoid|keep) [a-z_]{1,40} ([a-z\d-]{1,63}\/[a-z\d-]{1,63})( [\x21-\x7e]+)*$/;

/**
 * With these a `keep` only says that nothing is known to act on. `/avoid` never repeats what is old, so there is no
 * such thing as a stale `avoid`.
 */
const UNSURE = new Set(["stale", "unavailable", "from-unknown"]);

/** By `site/target`, or what is wrong with the text. A text that is cut off in a line ends without a line's end. */
export const saidIn = (text: string): Map<string, TargetLine> | string => {
  if (!text.endsWith("\n")) return text === "" ? "it is empty" : "its last line is cut off";
  const said = new Map<string, TargetLine>();
  for (const line of text.slice(0, -1).split("\n")) {
    const [, word, name] = LINE.exec(line) ?? [];
    if (name === undefined) return `this is no line of /avoid: ${inOneLine(line, 80)}`;
    if (said.has(name)) return `${name} stands in it twice`;
    const isUnsure = line.split(" ").some((remark) => UNSURE.has(remark));
    said.set(name, { leave: word === "avoid" ? true : isUnsure ? undefined : false, line });
  }
  return said;
};

/** The same of a group's members: whoever does not serve is to be left. */
export const saidOfGroup = ({ group, members, epoch }: GroupAnswer): Map<string, TargetLine> =>
  new Map(
    members.map((member) => {
      const [name, word] = [nameOf(member), member.serves ? "serving" : "out"];
      return [name, { leave: !member.serves, line: `${word} ${name} group=${group} epoch=${epoch}` }];
    }),
  );
