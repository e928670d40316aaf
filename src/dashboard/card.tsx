import { Doing } from "./doing.tsx";
import { isPast, type PageState, type ShownVerdict } from "./shown-state.ts";
import { Badge, ShownInstant, Sentences, Tag, TargetName } from "./parts.tsx";
import { agoOf, countOf } from "./plain-words.ts";

const Advice = ({ verdict: { advice } }: { verdict: ShownVerdict }) => {
  const apart = Object.entries(advice.regions).filter(([, routing]) => routing !== advice.routing);
  return (
    <dl class="advice">
      <div>
        <dt>Traffic</dt>
        <dd>
          <strong>{advice.routing === "serve" ? "may go there" : "stay away"}</strong>
          {apart.length === 0
            ? ""
            : `, but ${advice.routing === "serve" ? "stay away" : "it may"} from ${apart.map(([region]) => region).join(", ")}`}
        </dd>
      </div>
      <div>
        <dt>A successor</dt>
        <dd>
          <strong class={advice.failover ? "yes" : ""}>
            {advice.failover ? "may take its place" : "may not take its place"}
          </strong>
          {` (${advice.reason})`}
        </dd>
      </div>
    </dl>
  );
};

/** The programs that have got the advice, as far as the verdict lists them. */
const ToldSoFar = ({ verdict: { told = [] }, now }: { verdict: ShownVerdict; now: number }) =>
  told.length === 0 ? null : (
    <div class="told">
      <h4>Told so far</h4>
      <ul>
        {told.map(({ check, by, first, count }) => (
          <li>
            <code>{by}</code>
            {check === "failover" ? " was told that a successor may take over" : " was told to stay away"}
            {`, ${countOf(count, "time")}, first at `}
            <ShownInstant at={first} now={now} />
          </li>
        ))}
      </ul>
    </div>
  );

/** What overlays the verdict: a drill, an operator's override, a mute, a pause. */
const Over = ({ verdict, state }: { verdict: ShownVerdict; state: PageState }) => {
  const { now, drills } = state;
  const drill = drills?.find(({ id }) => id === verdict.drill);
  const { override, muted = null } = verdict;
  return (
    <ul class="over">
      {verdict.drill === null ? null : (
        <li>
          <Tag>drill</Tag>
          {` This rests on the drill ${verdict.drill}`}
          {drill === undefined ? "" : `: ${drill.fault}, by ${drill.by ?? "an administrator"}, until `}
          {drill === undefined ? null : <ShownInstant at={drill.endsAt} now={now} />}
        </li>
      )}
      {override === null ? null : (
        <li>
          <Tag>operator’s word</Tag>
          {` ${override.by ?? "An operator"} says so until `}
          <ShownInstant at={override.until} now={now} />
          {`: ${override.reason}`}
        </li>
      )}
      {muted === null ? null : (
        <li>
          <Tag>muted</Tag>
          {" Nobody is notified until "}
          <ShownInstant at={muted.until} now={now} />
          {`: ${muted.reason}`}
        </li>
      )}
      {verdict.paused ? (
        <li>
          <Tag>paused</Tag> Nobody looks at it.
        </li>
      ) : null}
      {verdict.stale ? (
        <li>
          <Tag>out of date</Tag> No look at it is fresh enough to tell what is true now.
        </li>
      ) : null}
    </ul>
  );
};

/** The whole card of one target: the verdict, since when, why, and what automation should do about it. */
export const Card = ({ verdict, state }: { verdict: ShownVerdict; state: PageState }) => {
  const { now, view } = state;
  const { site, target, waitingFor } = verdict;
  return (
    <article
      class="card"
      data-site={site}
      data-target={target}
      data-mute={verdict.muted?.id}
      aria-labelledby={`card-${site}-${target}`}
    >
      <h3 id={`card-${site}-${target}`}>
        <TargetName site={site} target={target} at={view.at} /> <Badge verdict={verdict.verdict} />
      </h3>
      <p class="when">
        <span>{verdict.confirmed ? "confirmed" : "not confirmed"}</span>
        <span>
          {`for ${agoOf(verdict.since, now)}, since `}
          <ShownInstant at={verdict.since} now={now} />
        </span>
        <span>{`sequence ${verdict.sequence}`}</span>
        <span>
          {"rule "}
          <code>{verdict.rule}</code>
        </span>
      </p>
      <p class="because">{verdict.because}</p>
      {waitingFor === null ? null : (
        <p class="waiting">
          {`Waiting: ${waitingFor.what}, until `}
          <ShownInstant at={waitingFor.until} now={now} />
        </p>
      )}
      <Advice verdict={verdict} />
      <ToldSoFar verdict={verdict} now={now} />
      <Over verdict={verdict} state={state} />
      <Sentences of={verdict.warnings} kind="warnings" />
      {isPast(state) ? null : <Doing verdict={verdict} state={state} />}
    </article>
  );
};
