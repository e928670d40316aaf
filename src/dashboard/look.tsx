import type { Evidence, PageState, ShownVerdict } from "./shown-state.ts";
import { outcomeWords } from "./cell-letters.ts";
import { ShownInstant } from "./parts.tsx";
import { agoOf } from "./plain-words.ts";

type Seen = ShownVerdict["evidence"][number];

/** The stages of a look, in their order. */
const STAGES = [
  ["connect", "connect: the name found, the connection opened"],
  ["tls", "TLS: the connection secured"],
  ["response", "response: the first byte of the answer"],
  ["body", "body: the rest of the answer"],
] as const;

/** How far a look came: each stage with its result. */
const Stages = ({ seen: { stage, outcome } }: { seen: Seen }) => {
  const reached = STAGES.findIndex(([name]) => name === stage);
  const isDone = stage === "done";
  return stage === "unknown" ? (
    <p>How far it came the platform does not say.</p>
  ) : (
    <ol class="stages">
      {STAGES.map(([name, words], index) => {
        const [sign, word] =
          isDone || index < reached
            ? ["✓", "passed"]
            : index === reached
              ? [outcome === "ok" ? "✓" : "✗", "ended here"]
              : ["·", "not reached"];
        return (
          <li key={name}>
            <span aria-hidden="true">{sign}</span> {words} <span class="soft">{`(${word})`}</span>
          </li>
        );
      })}
    </ol>
  );
};

const Certificate = ({
  certificate,
  now,
}: {
  certificate: NonNullable<Seen["certificate"]>;
  now: number;
}) => (
  <p>
    {`Certificate for ${certificate.names.join(", ")}${certificate.moreNames === undefined ? "" : ` and ${certificate.moreNames} more`}, signed by ${certificate.issuers.join(", by ")}, expires `}
    <ShownInstant at={certificate.expiresAt} now={now} />
  </p>
);

/** How long the connection took, and what the same vantage last saw of the witness. */
const Beside = ({ seen, evidence }: { seen: Seen; evidence: Evidence | null }) => {
  const own = (evidence?.observations ?? []).filter(({ vantage }) => vantage === seen.vantage);
  const connectMs = own.find(({ subject, at }) => subject === "target" && at === seen.at)?.connectMs;
  const witness = own.findLast(({ subject }) => subject === "witness");
  return (
    <>
      {connectMs === undefined ? null : <p>{`The connection was open after ${connectMs} ms.`}</p>}
      {witness === undefined ? null : (
        <p>{`The witness on the same host: ${outcomeWords(witness.outcome)}, ${witness.totalMs} ms.`}</p>
      )}
    </>
  );
};

/** All that one vantage saw last of one target. */
export const LookDetails = ({
  verdict,
  vantage,
  evidence,
  state,
}: {
  verdict: ShownVerdict;
  vantage: string;
  /** The evidence of about that time, where it is known. */
  evidence: Evidence | null;
  state: PageState;
}) => {
  const seen = verdict.evidence.find((one) => one.vantage === vantage);
  const uncounted = verdict.notCounted.find((one) => one.vantage === vantage);
  const { now } = state;
  return (
    <>
      {uncounted === undefined ? null : <p class="unsure">{`Not counted: ${uncounted.reason}`}</p>}
      {seen === undefined ? (
        <p>No look of this vantage counts now.</p>
      ) : (
        <>
          <p>
            <strong class={seen.outcome === "ok" ? "good" : "bad"}>{outcomeWords(seen.outcome)}</strong>
            {`, ${seen.totalMs} ms in all, began ${agoOf(seen.at, now)} ago at `}
            <ShownInstant at={seen.at} now={now} />
          </p>
          <Stages seen={seen} />
          <Beside seen={seen} evidence={evidence} />
          {seen.detail === undefined ? null : <pre tabindex={0}>{seen.detail}</pre>}
          {seen.address === undefined ? null : <p>{`Let in by ${seen.address}`}</p>}
          {seen.certificate === undefined ? null : <Certificate certificate={seen.certificate} now={now} />}
        </>
      )}
    </>
  );
};
