/** A group in plain lines, for a log or a person. */
import type { GroupAnswer, GroupChange, ShownHeld } from "../../../domain/group.ts";
import { inOneLine } from "./trouble.ts";

const LONGEST = 500;

const names = (members: readonly string[]): string => (members.length === 0 ? "nobody" : members.join(","));

const heldLine = ({ what, member, until, detail }: ShownHeld): string =>
  inOneLine(
    `held by ${what}${member === null ? "" : ` (${member})`}${until === null ? "" : ` until ${until}`}: ${detail}`,
    LONGEST,
  );

/** The serving members or the leader, in one line. */
export const stateLine = ({ group, mode, epoch, leader, serving, since, because }: GroupAnswer): string => {
  const who =
    mode === "leader"
      ? leader === null
        ? "nobody leads"
        : `${leader.site}/${leader.target} leads at ${leader.address}`
      : `${names(serving.map(({ site, target }) => `${site}/${target}`))} serve`;
  return inOneLine(`${group} epoch=${epoch} ${who} since ${since}: ${because}`, LONGEST);
};

const memberLine = (member: GroupAnswer["members"][number]): string => {
  const { site, target, address, verdict, confirmed, serves, leads, position, fit, unfitBecause } = member;
  const words = [
    `${site}/${target}`,
    address,
    verdict,
    ...(confirmed ? ["confirmed"] : []),
    leads ? "leads" : serves ? "serves" : "out",
    ...(position === null ? [] : [`position=${position}`]),
    fit ? "fit" : `unfit: ${unfitBecause ?? ""}`,
  ];
  return inOneLine(words.join(" "), LONGEST);
};

/** All lines about a group. */
export const linesOfGroup = (group: GroupAnswer): string[] => {
  const { members, heldBy, frozen, switching, switchesLeft, policy, mode, warnings } = group;
  return [
    stateLine(group),
    ...members.map((member) => `  ${memberLine(member)}`),
    ...heldBy.map((held) => `  ${heldLine(held)}`),
    ...(frozen === null
      ? []
      : [`  ${inOneLine(`frozen until ${frozen.until} by ${frozen.by}: ${frozen.reason}`, LONGEST)}`]),
    ...(switching === null
      ? []
      : [
          `  ${inOneLine(`${switching.to} is to lead, by ${switching.by}, until ${switching.until}: ${switching.reason}`, LONGEST)}`,
        ]),
    ...(mode === "leader"
      ? [`  lease=${policy.lease} leaseMs=${policy.leaseMs} switches left: ${switchesLeft ?? 0}`]
      : []),
    ...warnings.map((warning) => `  warning: ${inOneLine(warning, LONGEST)}`),
  ];
};

/** The line of one change, made or withheld, at its time. */
export const changeLine = ({ at, kind, epoch, from, to, because, heldBy, by }: GroupChange): string => {
  const moved = kind === "changed" ? `${names(from)} → ${names(to)} ` : "";
  const held = heldBy.length === 0 ? "" : `; ${heldBy.map(heldLine).join("; ")}`;
  // The reason of a thaw says only who ended the freeze, which stands before it.
  const why = because === `ended by ${by}` ? "the freeze ended" : because;
  return inOneLine(`${at} ${kind} epoch=${epoch} ${moved}by ${by}: ${why}${held}`, 2 * LONGEST);
};
