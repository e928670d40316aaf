import { fromInstant } from "../domain/plain/rfc3339.ts";
import type { PageState, ShownTransition } from "./shown-state.ts";
import { Badge, ShownInstant, Tag, TargetName } from "./parts.tsx";
import { countOf, durationOf } from "./plain-words.ts";

interface Change {
  transition: ShownTransition;
  /** When the next transition of the same target was; null: this one still holds. */
  endedAt: string | null;
}

/** Each transition with its end, which is the beginning of the next newer one of its target. */
const changesOf = (transitions: readonly ShownTransition[]): Change[] => {
  const newer = new Map<string, string>();
  return transitions.map((transition) => {
    const key = `${transition.site}/${transition.target}`;
    const endedAt = newer.get(key) ?? null;
    newer.set(key, transition.at);
    return { transition, endedAt };
  });
};

/** The advice to automation from then on. */
const adviceOf = ({ confirmed, advice }: ShownTransition): string =>
  [
    confirmed ? "confirmed" : "not confirmed",
    advice.routing === "serve" ? "traffic may go there" : "traffic should stay away",
    ...(advice.failover ? ["a successor may take over"] : []),
  ].join(", ");

/** The causes besides observations: a drill, an operator's override, and the programs that were answered. */
const behindOf = ({ drill, override, by, told = [] }: ShownTransition): string[] => [
  ...(drill === null ? [] : [`a drill (${drill})${by === null || override !== null ? "" : `, by ${by}`}`]),
  ...(override === null ? [] : [`an operator’s word: ${override.reason}${by === null ? "" : ` (by ${by})`}`]),
  ...told.map(({ check, by: asker, count }) => `${asker} was told by /${check}, ${countOf(count, "time")}`),
];

const ChangeItem = ({ change, state }: { change: Change; state: PageState }) => {
  const { transition, endedAt } = change;
  const { site, target, from, to, at, drill, override } = transition;
  const lasted = (endedAt === null ? state.now : fromInstant(endedAt)) - fromInstant(at);
  return (
    <li data-site={site} data-target={target} data-sequence={transition.sequence}>
      <p>
        <ShownInstant at={at} now={state.now} /> <TargetName site={site} target={target} at={state.view.at} />{" "}
        {from === to ? (
          <span class="soft">still </span>
        ) : (
          <>
            <Badge verdict={from} />
            <span class="hidden">turned into</span>
            <span aria-hidden="true"> → </span>
          </>
        )}
        <Badge verdict={to} /> {drill === null ? null : <Tag>drill</Tag>}
        {override === null ? null : <Tag>operator’s word</Tag>}{" "}
        <span class="soft">
          {endedAt === null ? `for ${durationOf(lasted)} so far` : `for ${durationOf(lasted)}`}
          {`, sequence ${transition.sequence}`}
        </span>
      </p>
      <p class="soft">{adviceOf(transition)}</p>
      <p>{transition.because}</p>
      {behindOf(transition).map((behind) => (
        <p>{`Behind it: ${behind}`}</p>
      ))}
    </li>
  );
};

/** The latest transitions of any of the targets shown, newest first. */
export const Changes = ({ state }: { state: PageState }) => {
  const { transitions } = state;
  if (state.matrix.targets.length === 0) return null;
  return (
    <section id="changes" aria-labelledby="changes-title">
      <h2 id="changes-title">What changed</h2>
      {transitions === null ? <p>What changed is not known: the detector did not tell.</p> : null}
      {transitions?.length === 0 ? <p>Nothing has changed as far back as is kept.</p> : null}
      <ol class="changes">
        {changesOf(transitions ?? []).map((change) => (
          <ChangeItem change={change} state={state} />
        ))}
      </ol>
    </section>
  );
};
