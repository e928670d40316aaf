import { toInstant } from "../domain/plain/rfc3339.ts";
import { clockOf } from "./plain-words.ts";

/** The page's place in the past, for the controls that move it. */
export interface PastBar {
  /** The epoch milliseconds that can be shown; null before they are known. */
  range: { from: number; until: number } | null;
  /** The instant that is shown; null: now. */
  at: number | null;
  /** The work under way, an error, or a remark on the past that is shown; empty where there is none. */
  words: string;
  /** Ids of all vantages, and of those that are left out. */
  vantages: string[];
  without: string[];
}

const STEP_MS = 1_000;

/** Moves the whole page to an instant of the past. */
export const PastBar = ({ past }: { past: PastBar }) => {
  const { range, at, words, vantages, without } = past;
  return (
    <section id="past" aria-labelledby="past-title">
      <h2 id="past-title">Replay</h2>
      {range === null || at === null ? (
        <p>
          <button type="button" data-past="open">
            Show an instant of the past
          </button>
        </p>
      ) : (
        <>
          <div class="slider">
            <label for="past-at">
              {"Instant "}
              <output for="past-at">{clockOf(toInstant(at), range.until)}</output>
            </label>
            <input
              id="past-at"
              type="range"
              min={range.from}
              max={range.until}
              step={STEP_MS}
              value={at}
              aria-valuetext={clockOf(toInstant(at), range.until)}
            />
          </div>
          <p class="steps">
            <button type="button" data-past="back">
              Change before
            </button>{" "}
            <button type="button" data-past="on">
              Change after
            </button>{" "}
            <button type="button" data-past="now">
              Back to now
            </button>
          </p>
          <fieldset>
            <legend>Judge as if these had never looked</legend>
            {vantages.map((id) => (
              <label key={id}>
                <input type="checkbox" data-without={id} checked={without.includes(id)} /> {id}
              </label>
            ))}
          </fieldset>
        </>
      )}
      <p role="status">{words}</p>
    </section>
  );
};
