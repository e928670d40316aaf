import { type About, type ActKind, ACTS, callOf, forceOf, NO_ACT } from "./acts.ts";
import { shownCommand } from "./commands.ts";
import type { PageState, ShownVerdict } from "./shown-state.ts";

/** The acts that are possible on a target now. */
const kindsFor = ({ override, muted = null }: ShownVerdict): ActKind[] => [
  "hold",
  ...(override === null ? [] : (["release"] as const)),
  muted === null ? "mute" : "unmute",
  "rehearse",
];

interface Props {
  kinds: readonly ActKind[];
  state: PageState;
}

/** Buttons of the acts, where a script is there to ask for a token. */
export const ActButtons = ({ kinds, state: { live } }: Props) =>
  live === null ? null : (
    <p class="acts">
      {kinds.map((kind) => (
        <button key={kind} type="button" data-act={kind}>
          {ACTS[kind].button}
        </button>
      ))}
    </p>
  );

/** The commands that do the same as the buttons. */
export const ActCommands = ({ kinds, about, state }: Props & { about: Partial<About> }) => {
  const given = { ...NO_ACT, ...about, origin: state.origin, reason: "…", now: state.now };
  return (
    <>
      {kinds.map((kind) => (
        <div key={kind}>
          <p>{`${ACTS[kind].button}. ${ACTS[kind].says}`}</p>
          <pre tabindex={0}>{shownCommand(callOf(kind, { ...given, minutes: ACTS[kind].minutes ?? 0 }))}</pre>
        </div>
      ))}
    </>
  );
};

/** The acts that are possible on a target, as buttons and as commands. */
export const Doing = ({ verdict, state }: { verdict: ShownVerdict; state: PageState }) => {
  const { site, target } = verdict;
  const kinds = kindsFor(verdict);
  return (
    <div class="doing">
      <ActButtons kinds={kinds} state={state} />
      <details>
        <summary>The same as commands</summary>
        <ActCommands kinds={kinds} about={{ site, target, mute: verdict.muted?.id ?? "" }} state={state} />
        <p>
          <strong>Fail over by hand.</strong> Only once the old one is fenced, whatever this page says: two
          that serve at once lose data. There is no button for it. Set <code>TARGET</code> to its name
          yourself.
        </p>
        <pre tabindex={0}>{shownCommand(forceOf({ origin: state.origin, site }))}</pre>
      </details>
    </div>
  );
};
