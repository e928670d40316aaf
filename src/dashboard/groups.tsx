import type { GroupAnswer, ShownHeld, StatedGroup } from "../domain/group.ts";
import { ActButtons, ActCommands } from "./doing.tsx";
import type { ActKind } from "./acts.ts";
import { CARDS_MAX } from "./cards.ts";
import { Badge, ShownInstant, Sentences, Tag, TargetName } from "./parts.tsx";
import { isPast, type PageState, type PageView } from "./shown-state.ts";
import { agoOf, countOf, type Tone } from "./plain-words.ts";

/** The groups that a view shows. */
export const groupsIn = <G extends StatedGroup>(groups: readonly G[], { site, target }: PageView): G[] =>
  groups.filter(
    ({ sites, state }) =>
      site === null ||
      (sites.includes(site) &&
        (target === null ||
          (state?.members.some((one) => one.site === site && one.target === target) ?? true))),
  );

/** Brakes that keep a member in a pool although it should be out. */
const isAtLimit = ({ what }: ShownHeld): boolean => what === "max-out" || what === "min-serving";

/** The tone of a group. It is bad where a person has to act. */
const toneOf = ({ state }: StatedGroup): Tone => {
  if (state === null || state.serving.length === 0 || state.heldBy.some(isAtLimit)) return "bad";
  const { mode, heldBy, frozen, switching, serving, members } = state;
  const isWhole = mode === "leader" || serving.length === members.length;
  return isWhole && heldBy.length === 0 && frozen === null && switching === null ? "good" : "unsure";
};

/** The members that serve, or the leader, in short. */
const shortOf = ({ state }: StatedGroup): string => {
  if (state === null) return "does not answer";
  const { mode, serving, members } = state;
  if (mode === "pool") return `${serving.length} of ${members.length} serve`;
  const [leader] = serving;
  return leader === undefined ? "nobody leads" : `${leader.site}/${leader.target} leads`;
};

const Short = ({ group }: { group: StatedGroup }) => (
  <span class={`badge ${toneOf(group)}`}>{shortOf(group)}</span>
);

type Member = GroupAnswer["members"][number];

/** Whether a person may ask for another leader: not while the group is frozen, nor while a switch is under way. */
const maySwitch = ({ mode, frozen, switching }: GroupAnswer): boolean =>
  mode === "leader" && frozen === null && switching === null;

/** The part that the group gives a member. */
const partOf = ({ mode }: GroupAnswer, { serves, unfitBecause }: Member): string => {
  if (mode === "pool") return serves ? "serves" : "is out";
  return serves ? "leads" : unfitBecause === null ? "waits" : `cannot lead: ${unfitBecause}`;
};

interface Props {
  answer: GroupAnswer;
  state: PageState;
}

const Members = ({ answer, state }: Props) => (
  <ul>
    {answer.members.map((member) => (
      <li>
        <TargetName site={member.site} target={member.target} at={null} /> <Badge verdict={member.verdict} />{" "}
        {partOf(answer, member)}{" "}
        {maySwitch(answer) && member.fit && !member.leads && state.live !== null ? (
          <button type="button" data-act="switch" data-to={`${member.site}/${member.target}`}>
            {`Switch to ${member.site}/${member.target}`}
          </button>
        ) : null}
      </li>
    ))}
  </ul>
);

/** What keeps the group from a change, and what change is under way. */
const Over = ({ answer: { heldBy, frozen, switching }, state: { now } }: Props) => (
  <ul class="over">
    {frozen === null ? null : (
      <li>
        <Tag>frozen</Tag>
        {` ${frozen.by} lets nothing change until `}
        <ShownInstant at={frozen.until} now={now} />
        {`: ${frozen.reason}`}
      </li>
    )}
    {switching === null ? null : (
      <li>
        <Tag>switching</Tag>
        {` ${switching.by} gives the lead to ${switching.to} (${switching.reason}): given up at `}
        <ShownInstant at={switching.until} now={now} />
      </li>
    )}
    {heldBy
      .filter(({ what, member }) => what !== "freeze" || member !== null)
      .map(({ what, member, detail, until }) => (
        <li>
          <Tag>{what.replaceAll("-", " ")}</Tag>
          {` ${member === null ? "" : `${member}: `}${detail}`}
          {until === null ? null : ", until "}
          {until === null ? null : <ShownInstant at={until} now={now} />}
        </li>
      ))}
  </ul>
);

/** The acts that are possible on a group now. */
const kindsFor = (answer: GroupAnswer): ActKind[] => [
  answer.frozen === null ? "freeze" : "thaw",
  ...(maySwitch(answer) ? (["switch"] as const) : []),
];

const Known = ({ answer, state }: Props) => {
  const { group, mode, epoch, since, because, warnings } = answer;
  const kinds = kindsFor(answer);
  return (
    <>
      <p class="when">
        <span>{mode === "pool" ? "a pool" : "one leads"}</span>
        <span>{`epoch ${epoch}`}</span>
        <span>
          {`for ${agoOf(since, state.now)}, since `}
          <ShownInstant at={since} now={state.now} />
        </span>
        <a href={`/v1/groups/${group}/history`}>{`history of ${group}`}</a>
      </p>
      <p class="because">{because}</p>
      <Over answer={answer} state={state} />
      <Members answer={answer} state={state} />
      <Sentences of={warnings} kind="warnings" />
      <div class="doing">
        <ActButtons kinds={kinds} state={state} />
        <details>
          <summary>The same as commands</summary>
          <ActCommands kinds={kinds} about={{ group }} state={state} />
        </details>
      </div>
    </>
  );
};

const GroupCard = ({ group, state }: { group: StatedGroup; state: PageState }) => (
  <article class="card" data-group={group.group} aria-labelledby={`group-${group.group}`}>
    <h3 id={`group-${group.group}`}>
      {`group ${group.group}`} <Short group={group} />
    </h3>
    {group.state === null ? (
      <p>Its conductor does not answer: nothing changes who serves or leads.</p>
    ) : (
      <Known answer={group.state} state={state} />
    )}
  </article>
);

const TONES: readonly Tone[] = ["bad", "unsure", "good"];

/** The members that serve or lead in each group. The groups that a person should look at come first. */
export const GroupCards = ({ state }: { state: PageState }) => {
  const { groups } = state;
  if (isPast(state) || groups?.length === 0) return null;
  const sorted = TONES.flatMap((tone) => (groups ?? []).filter((one) => toneOf(one) === tone));
  const well = sorted.filter((one) => toneOf(one) === "good").length;
  const rest = sorted.slice(CARDS_MAX);
  return (
    <section id="groups" aria-labelledby="groups-title">
      <h2 id="groups-title">
        {groups === null
          ? "Which groups there are is not known"
          : `${well} of ${countOf(sorted.length, "group")} as they should be`}
      </h2>
      <div class="cards">
        {sorted.slice(0, CARDS_MAX).map((group) => (
          <GroupCard key={group.group} group={group} state={state} />
        ))}
      </div>
      {rest.length === 0 ? null : (
        <ul>
          {rest.map((group) => (
            <li>
              {`${group.group} `}
              <Short group={group} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
};
