/** @jsxImportSource preact */
import { Component, type InputHTMLAttributes } from "preact";
import type { Called } from "../../client/called.ts";
import { type About, type ActKind, ACTS, callOf } from "../acts.ts";
import { type ShownCommand, shownCommand } from "../commands.ts";
import { Box } from "./box.tsx";

interface Props {
  kind: ActKind;
  about: About;
  origin: string;
  /** The detector's time when the dialog was opened, epoch milliseconds. */
  now: number;
  /** Sends a call with an administrator's token. */
  act: (token: string, command: ShownCommand) => Promise<Called<unknown>>;
  close: () => void;
}

/** The result of the call in words. */
const wordsOf = (called: Called<unknown>): string => {
  if (called.kind === "ok") return "Done.";
  if (called.kind === "failed") return `It is not known whether it is done: ${called.detail}`;
  return `Not done: ${called.detail} (${called.status})`;
};

/** The name of what the act changes. */
const nameOf = ({ site, target, group, to }: About): string =>
  [group === "" ? `${site}/${target}` : `group ${group}`, to].filter((part) => part !== "").join(" to ");

interface FieldProps extends InputHTMLAttributes {
  id: string;
  label: string;
  value: string;
  onValue: (value: string) => void;
}

/** A required field of the dialog. */
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

interface State {
  reason: string;
  minutes: number;
  token: string;
  /** The result of the act. */
  said: string;
  isBusy: boolean;
}

/** Asks for what an act needs, including an administrator's token. Only this dialog holds the token, and forgets it once it is sent. */
export class ActDialog extends Component<Props, State> {
  override state: State = {
    reason: "",
    minutes: ACTS[this.props.kind].minutes ?? 0,
    token: "",
    said: "",
    isBusy: false,
  };

  get #command(): ShownCommand {
    const { kind, about, origin, now } = this.props;
    const { reason, minutes } = this.state;
    return callOf(kind, { ...about, origin, reason, minutes, now });
  }

  readonly #submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { token } = this.state;
    this.setState({ isBusy: true, said: "Sent…", token: "" });
    const called = await this.props.act(token, this.#command);
    this.setState({ isBusy: false, said: wordsOf(called) });
  };

  override render({ kind, about, close }: Props, { reason, minutes, token, said, isBusy }: State) {
    const { button, says, hasReason, minutes: preset, minutesMax } = ACTS[kind];
    return (
      <Box title={`${button}: ${nameOf(about)}`} close={close}>
        <p>{says}</p>
        <form onSubmit={(event) => void this.#submit(event)}>
          {hasReason ? (
            <Field
              id="act-reason"
              label="Reason, which everybody sees"
              maxLength={500}
              value={reason}
              onValue={(value) => this.setState({ reason: value })}
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
              onValue={(value) => this.setState({ minutes: Number(value) })}
            />
          )}
          <Field
            id="act-token"
            label="A token of scope admin, which is forgotten once it is sent"
            type="password"
            value={token}
            onValue={(value) => this.setState({ token: value })}
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
          <pre tabIndex={0}>{shownCommand(this.#command)}</pre>
        </details>
      </Box>
    );
  }
}
