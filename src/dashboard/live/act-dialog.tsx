/** @jsxImportSource preact */
import type { InputHTMLAttributes } from "preact";
import { useState } from "preact/hooks";
import type { Called } from "../../client/called.ts";
import { type ActKind, ACTS, callOf } from "../acts.ts";
import { type Command, commandOf } from "../commands.ts";
import { Box } from "./box.tsx";

interface Props {
  kind: ActKind;
  site: string;
  target: string;
  mute: string;
  origin: string;
  /** The detector's time, epoch milliseconds. */
  now: () => number;
  /** Sends a call by an administrator's token. */
  act: (token: string, command: Command) => Promise<Called<unknown>>;
  close: () => void;
}

/** What came of it, as words. */
const wordsOf = (called: Called<unknown>): string => {
  if (called.kind === "ok") return "Done.";
  if (called.kind === "failed") return `It is not known whether it is done: ${called.detail}`;
  return `Not done: ${called.detail} (${called.status})`;
};

interface FieldProps extends InputHTMLAttributes {
  id: string;
  label: string;
  value: string;
  onValue: (value: string) => void;
}

/** One thing that is asked for and has to be given. */
const Field = ({ id, label, onValue, ...rest }: FieldProps) => (
  <p>
    <label for={id}>{label}</label>
    <input
      {...rest}
      id={id}
      required
      autocomplete="off"
      onInput={({ currentTarget }) => onValue(currentTarget.value)}
    />
  </p>
);

/** Asks for what an act needs, an administrator's token among it, which is held here alone and forgotten with the dialog. */
export const ActDialog = ({ kind, site, target, mute, origin, now, act, close }: Props) => {
  const { button, says, hasReason, minutes: preset, minutesMax } = ACTS[kind];
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState(preset ?? 0);
  const [token, setToken] = useState("");
  const [said, setSaid] = useState("");
  const [isBusy, setBusy] = useState(false);
  const command = callOf(kind, { origin, site, target, mute, reason, minutes, now: now() });
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setSaid("Sent…");
    const called = await act(token, command);
    // Done or not: what is not needed any more is not kept.
    setToken("");
    setBusy(false);
    setSaid(wordsOf(called));
  };
  return (
    <Box title={`${button}: ${site}/${target}`} close={close}>
      <p>{says}</p>
      <form onSubmit={(event) => void submit(event)}>
        {hasReason ? (
          <Field
            id="act-reason"
            label="Reason, which everybody sees"
            maxLength={500}
            value={reason}
            onValue={setReason}
          />
        ) : null}
        {preset === null ? null : (
          <Field
            id="act-minutes"
            label="Minutes"
            type="number"
            min={1}
            max={minutesMax}
            value={String(minutes)}
            onValue={(value) => setMinutes(Number(value))}
          />
        )}
        <Field
          id="act-token"
          label="A token of scope admin, which is forgotten once it is sent"
          type="password"
          value={token}
          onValue={setToken}
        />
        <p>
          <button type="submit" disabled={isBusy}>
            {button}
          </button>
        </p>
      </form>
      <p role="status" id="act-said">
        {said}
      </p>
      <details>
        <summary>The same as a command</summary>
        <pre tabIndex={0}>{commandOf(command)}</pre>
      </details>
    </Box>
  );
};
