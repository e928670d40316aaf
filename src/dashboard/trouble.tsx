import type { MatrixTarget } from "../domain/matrix.ts";
import { Card } from "./card.tsx";
import { type CardContent as Rows, cardsOf, verdictIn } from "./cards.ts";
import { linkTo } from "./links.ts";
import type { PageState } from "./shown-state.ts";
import { Badge, ShownInstant, TargetName } from "./parts.tsx";
import { agoOf, countOf, inTrouble, troubledOf } from "./plain-words.ts";

/** Names listed in one place. */
const NAMES_MAX = 60;

/** A whole site that fell silent. */
const SiteCard = ({ rows, state }: { rows: Rows; state: PageState }) => {
  const { now, view } = state;
  const [first] = rows;
  const since = rows.map((row) => row.since).reduce((a, b) => (a < b ? a : b));
  return (
    <article class="card" data-site={first.site} aria-labelledby={`card-${first.site}`}>
      <h3 id={`card-${first.site}`}>
        <a href={linkTo({ site: first.site, at: view.at })}>{`site ${first.site}`}</a>{" "}
        <Badge verdict={first.verdict} />
      </h3>
      <p class="when">
        <span>{`all of it: ${countOf(rows.length, "target")}`}</span>
        <span>
          {`for ${agoOf(since, now)}, since `}
          <ShownInstant at={since} now={now} />
        </span>
      </p>
      <p class="because">{verdictIn(state, first)?.because ?? ""}</p>
      <p>
        {rows.some(({ failover }) => failover)
          ? "A successor may take the place of some: see each."
          : "A successor may not take the place of any of them."}
      </p>
      <p class="names">
        {rows.slice(0, NAMES_MAX).map(({ target }) => (
          <TargetName key={target} site={first.site} target={target} at={view.at} />
        ))}
        {rows.length > NAMES_MAX ? <span>{`and ${rows.length - NAMES_MAX} more`}</span> : null}
      </p>
    </article>
  );
};

/** A card for a target whose whole verdict has not come yet. */
const BareCard = ({ row, state }: { row: MatrixTarget; state: PageState }) => (
  <article class="card" data-site={row.site} data-target={row.target}>
    <h3>
      <TargetName site={row.site} target={row.target} at={state.view.at} /> <Badge verdict={row.verdict} />
    </h3>
    <p class="when">{`for ${agoOf(row.since, state.now)}`}</p>
  </article>
);

/** The heading over all cards. Screen readers read it out when it changes. */
const headingOf = ({ matrix: { targets } }: PageState): string => {
  const { length } = targets;
  if (length === 0) return "Nothing is watched yet";
  const troubled = targets.filter(inTrouble).length;
  const held = troubledOf(targets).length - troubled;
  const well = length === 1 ? "The one target is well" : `All ${length} targets are well`;
  const words = troubled > 0 ? `${troubled} of ${countOf(length, "target")} in trouble` : well;
  return held === 0 ? words : `${words}, ${held} under a drill or an operator’s word`;
};

const Rest = ({ rest, state }: { rest: MatrixTarget[]; state: PageState }) =>
  rest.length === 0 ? null : (
    <div class="rest">
      <h3>{`${rest.length} more`}</h3>
      <ul>
        {rest.slice(0, NAMES_MAX).map(({ site, target, verdict, since }) => (
          <li key={`${site}/${target}`}>
            <TargetName site={site} target={target} at={state.view.at} /> <Badge verdict={verdict} />
            {` for ${agoOf(since, state.now)}`}
          </li>
        ))}
      </ul>
      {rest.length > NAMES_MAX ? <p>{`and ${rest.length - NAMES_MAX} more, all in the table`}</p> : null}
    </div>
  );

/** The part that people read first: what is broken, why it is judged to be, and what automation has been advised. */
export const TroubleBox = ({ state }: { state: PageState }) => {
  const { targets } = state.matrix;
  const { cards, rest } = cardsOf(targets);
  const paused = targets.filter(({ marks }) => marks.includes("paused")).length;
  return (
    <section id="trouble" aria-labelledby="trouble-title">
      <h2 id="trouble-title" aria-live="polite">
        {headingOf(state)}
      </h2>
      {paused === 0 ? null : <p>{`${countOf(paused, "target")} paused: nobody looks at them.`}</p>}
      <div class="cards">
        {cards.map((rows) => {
          const [first, second] = rows;
          const key = `${first.site}/${first.target}`;
          const verdict = verdictIn(state, first);
          if (second !== undefined) return <SiteCard key={first.site} rows={rows} state={state} />;
          if (verdict === undefined) return <BareCard key={key} row={first} state={state} />;
          return <Card key={key} verdict={verdict} state={state} />;
        })}
      </div>
      <Rest rest={rest} state={state} />
    </section>
  );
};
