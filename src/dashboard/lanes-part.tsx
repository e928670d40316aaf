import { toInstant } from "../domain/plain/rfc3339.ts";
import { type Lanes, lanesOf } from "./lanes.ts";
import type { PageState } from "./shown-state.ts";
import { ShownInstant } from "./parts.tsx";
import { countOf, durationOf } from "./plain-words.ts";

/** The most rows of the table that repeats the lanes. */
const ROWS_MAX = 400;

interface Said {
  lane: string;
  from: number;
  to: number | null;
  words: string;
}

/** The content of the lanes as sentences, the newest first. */
const saidOf = ({ lanes }: Lanes): Said[] =>
  lanes
    .flatMap(({ name, runs, ticks }): Said[] => [
      ...runs.map(({ from, to, words }) => ({ lane: name, from, to, words })),
      // Many heartbeats share one row with their count: a row for each would fill the whole table.
      ...(ticks.length > ROWS_MAX / 10
        ? [
            {
              lane: name,
              from: ticks[0]?.at ?? 0,
              to: ticks.at(-1)?.at ?? 0,
              words: countOf(ticks.length, "time"),
            },
          ]
        : ticks.map(({ at, words }) => ({ lane: name, from: at, to: null, words }))),
    ])
    .toSorted((a, b) => b.from - a.from);

const SaidRow = ({ said: { lane, from, to, words }, now }: { said: Said; now: number }) => (
  <tr>
    <td>
      <ShownInstant at={toInstant(from)} now={now} />
    </td>
    <td>{to === null ? "" : durationOf(to - from)}</td>
    <th scope="row">{lane}</th>
    <td class="words">{words}</td>
  </tr>
);

/** The lanes, drawn by a script into the canvas, and a table with the same content. */
export const LanesPart = ({ state }: { state: PageState }) => {
  if (state.live === null) return null;
  const lanes = lanesOf(state);
  const said = lanes === null ? [] : saidOf(lanes);
  return (
    <section id="lanes" aria-labelledby="lanes-title">
      <h2 id="lanes-title">The last hour</h2>
      {lanes === null ? (
        <p>Asking what was seen…</p>
      ) : (
        <>
          <p class="soft">
            {`From ${lanes.lanes.length} lanes, as far back as is kept: ${durationOf(lanes.to - lanes.from)}. Point at one to read it.`}
          </p>
          <canvas
            id="lanes-canvas"
            role="img"
            aria-label="What each vantage saw, what the node and people said, and what was held, on one time axis; the table below says the same"
          />
          <p id="lanes-says" class="soft" />
          <details>
            <summary>The same as a table</summary>
            <div class="scroll tall" role="region" aria-label="The last hour as a table" tabindex={0}>
              <table>
                <thead>
                  <tr>
                    <th scope="col">from</th>
                    <th scope="col">for</th>
                    <th scope="col">lane</th>
                    <th scope="col">what</th>
                  </tr>
                </thead>
                <tbody>
                  {said.slice(0, ROWS_MAX).map((one) => (
                    <SaidRow key={`${one.lane} ${one.from}`} said={one} now={state.now} />
                  ))}
                </tbody>
              </table>
            </div>
            {said.length > ROWS_MAX ? <p>{`${said.length - ROWS_MAX} older ones are left out.`}</p> : null}
          </details>
        </>
      )}
    </section>
  );
};
