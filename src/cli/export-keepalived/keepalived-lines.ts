import type { GroupAnswer } from "../../domain/group.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { inOneLine } from "../shared/output/trouble.ts";

/** The detector's answer about one target. */
export interface TargetLine {
  /** Traffic should leave the target. Undefined: not known now. */
  leave: boolean | undefined;
  line: string;
}

const LINE = /^(avoid|keep) [a-z_]{1,40} ([a-z\d-]{1,63}\/[a-z\d-]{1,63})( [\x21-\x7e]+)*$/;

/**
 * With these remarks a `keep` only means that nothing is known to act on. `/avoid` never repeats an old answer, so an `avoid` is never
 * stale.
 */
const UNSURE = new Set(["stale", "unavailable", "from-unknown"]);

/** The answers by `site/target`, or what is wrong with the text. A text that is cut off within a line ends without a line end. */
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

/** The same for a group's members: traffic should leave each member that does not serve. */
export const saidOfGroup = ({ group, members, epoch }: GroupAnswer): Map<string, TargetLine> =>
  new Map(
    members.map((member) => {
      const [name, word] = [nameOf(member), member.serves ? "serving" : "out"];
      return [name, { leave: !member.serves, line: `${word} ${name} group=${group} epoch=${epoch}` }];
    }),
  );
