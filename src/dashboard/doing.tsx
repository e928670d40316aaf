import { type ActKind, ACTS, callOf, forceOf } from "./acts.ts";
import { commandOf } from "./commands.ts";
import type { PageState, ShownVerdict } from "./state.ts";

/** What may be done about a target now. */
const kindsFor = ({ override, muted = null }: ShownVerdict): ActKind[] => [
  "hold",
  ...(override === null ? [] : (["release"] as const)),
  muted === null ? "mute" : "unmute",
  "rehearse",
];

/** What may be done: buttons where a script is there to ask for a token, and always the commands that do the same. */
export const Doing = ({ verdict, state }: { verdict: ShownVerdict; state: PageState }) => {
  const { site, target } = verdict;
  const given = {
    origin: state.origin,
    site,
    target,
    mute: verdict.muted?.id ?? "",
    reason: "…",
    now: state.now,
  };
  const kinds = kindsFor(verdict);
  return (
    <div class="doing">
      {state.live === null ? null : (
        <p class="acts">
          {kinds.map((kind) => (
            <button key={kind} type="button" data-act={kind}>
              {ACTS[kind].button}
            </button>
          ))}
        </p>
      )}
      <details>
        <summary>The same as commands</summary>
        {kinds.map((kind) => (
          <div key={kind}>
            <p>{`${ACTS[kind].button}. ${ACTS[kind].says}`}</p>
            <pre tabindex={0}>{commandOf(callOf(kind, { ...given, minutes: ACTS[kind].minutes ?? 0 }))}</pre>
          </div>
        ))}
        <p>
          <strong>Fail over by hand.</strong> Only once the old one is fenced, whatever this page says: two
          that serve at once lose data. There is no button for it. Set <code>TARGET</code> to its name
          yourself.
        </p>
        <pre tabindex={0}>{commandOf(forceOf(given))}</pre>
      </details>
    </div>
  );
};
