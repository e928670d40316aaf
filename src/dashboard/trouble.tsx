import { Card } from "./card.tsx";
import { linkTo } from "./links.ts";
import type { PageState, ShownVerdict } from "./state.ts";
import { Badge, Clock, TargetName } from "./parts.tsx";
import { agoOf, countOf, inTrouble, troubledOf } from "./words.ts";

/** Who is woken reads a few cards: the rest is listed. */
export const CARDS_MAX = 12;

/** Names listed in one place. */
const NAMES_MAX = 60;

/** A whole site that fell silent is one trouble, not one a target. */
const SiteCard = ({ verdicts, state }: { verdicts: ShownVerdict[]; state: PageState }) => {
  const { now, view } = state;
  const [first] = verdicts.toSorted((a, b) => (a.since < b.since ? -1 : 1));
  if (first === undefined) return null;
  const { site, since } = first;
  return (
    <article class="card" data-site={site} aria-labelledby={`card-${site}`}>
      <h3 id={`card-${site}`}>
        <a href={linkTo({ site, at: view.at })}>{`site ${site}`}</a> <Badge verdict={first.verdict} />
      </h3>
      <p class="when">
        <span>{`all of it: ${countOf(verdicts.length, "target")}`}</span>
        <span>
          {`for ${agoOf(since, now)}, since `}
          <Clock at={since} now={now} />
        </span>
      </p>
      <p class="because">{first.because}</p>
      <p>
        {verdicts.some(({ advice }) => advice.failover)
          ? "A successor may take the place of some: see each."
          : "A successor may not take the place of any of them."}
      </p>
      <p class="names">
        {verdicts.slice(0, NAMES_MAX).map(({ target }) => (
          <>
            <TargetName site={site} target={target} at={view.at} />{" "}
          </>
        ))}
        {verdicts.length > NAMES_MAX ? `and ${verdicts.length - NAMES_MAX} more` : ""}
      </p>
    </article>
  );
};

/** What is shown as one card: one target, or the targets of a site that fell as a whole. */
const cardsOf = (verdicts: readonly ShownVerdict[]): ShownVerdict[][] => {
  const cards = new Map<string, ShownVerdict[]>();
  for (const verdict of verdicts) {
    const key = verdict.scope === "site" ? verdict.site : `${verdict.site}/${verdict.target}`;
    cards.set(key, [...(cards.get(key) ?? []), verdict]);
  }
  return [...cards.values()];
};

/** What stands over all cards, and is told when it changes. */
const headingOf = ({ matrix: { targets } }: PageState): string => {
  const { length } = targets;
  if (length === 0) return "Nothing is watched yet";
  const troubled = targets.filter(inTrouble).length;
  const held = troubledOf(targets).length - troubled;
  const well = length === 1 ? "The one target is well" : `All ${length} targets are well`;
  const words = troubled > 0 ? `${troubled} of ${countOf(length, "target")} in trouble` : well;
  return held === 0 ? words : `${words}, ${held} under a drill or an operator’s word`;
};

/** The first thing that is read: what is broken, why it is held to be, and what automation has been told. */
export const Trouble = ({ state }: { state: PageState }) => {
  const troubled = troubledOf(state.matrix.targets);
  const whole = new Map(
    state.verdicts.map((verdict) => [`${verdict.site}/${verdict.target}`, verdict] as const),
  );
  const shown = troubled.flatMap(({ site, target }) => whole.get(`${site}/${target}`) ?? []);
  const cards = cardsOf(shown).slice(0, CARDS_MAX);
  const told = new Set(cards.flat());
  const rest = troubled.filter(
    ({ site, target }) => !told.has(whole.get(`${site}/${target}`) as ShownVerdict),
  );
  const paused = state.matrix.targets.filter(({ marks }) => marks.includes("paused")).length;
  return (
    <section id="trouble" aria-labelledby="trouble-title">
      <h2 id="trouble-title" aria-live="polite">
        {headingOf(state)}
      </h2>
      {paused === 0 ? null : <p>{`${countOf(paused, "target")} paused: nobody looks at them.`}</p>}
      <div class="cards">
        {cards.map((verdicts) =>
          verdicts.length > 1 ? (
            <SiteCard verdicts={verdicts} state={state} />
          ) : (
            verdicts.map((verdict) => <Card verdict={verdict} state={state} />)
          ),
        )}
      </div>
      {rest.length === 0 ? null : (
        <div class="rest">
          <h3>{`${rest.length} more`}</h3>
          <ul>
            {rest.slice(0, NAMES_MAX).map(({ site, target, verdict, since }) => (
              <li>
                <TargetName site={site} target={target} at={state.view.at} /> <Badge verdict={verdict} />
                {` for ${agoOf(since, state.now)}`}
              </li>
            ))}
          </ul>
          {rest.length > NAMES_MAX ? <p>{`and ${rest.length - NAMES_MAX} more, all in the table`}</p> : null}
        </div>
      )}
    </section>
  );
};
