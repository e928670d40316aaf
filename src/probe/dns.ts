import type { Finding } from "../domain/observation.ts";
import { type Question, questionIn } from "../domain/question.ts";
import { ask, overSocket } from "./conversation.ts";
import type { Datagrams, OpenDatagrams } from "./datagrams.ts";
import { attempt, type Attempted } from "./deadline.ts";
import { type DnsExpect, isAnswerTo, judgeMessage, wrong } from "./dns-answer.ts";
import { decodeMessage, encodeQuestion } from "./dns-message.ts";
import { FLOOR_MS } from "./examiner.ts";
import { judgeRejectedDial } from "./failure.ts";
import { UNRESOLVED } from "./opening.ts";
import { concludeProbe, type Ending, type Progress, startProgress } from "./progress.ts";
import type { ProtocolProbe } from "./wire.ts";

const randomId = (): number => crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;

/** By TCP a message has its length before it (RFC 1035, 4.2.2). */
const LENGTH_SIZE = 2;

const lengthOf = (bytes: Uint8Array): number => ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);

const withLength = (message: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(LENGTH_SIZE + message.length);
  bytes.set([message.length >> 8, message.length & 0xff]);
  bytes.set(message, LENGTH_SIZE);
  return bytes;
};

const judgeBytes = (
  bytes: Uint8Array,
  id: number,
  question: Question,
  expect: DnsExpect | undefined,
): Ending => {
  const length = lengthOf(bytes);
  if (length > bytes.length - LENGTH_SIZE)
    return wrong(`an answer of ${length} bytes, which is not read to its end`);
  const message = decodeMessage(bytes.subarray(LENGTH_SIZE, LENGTH_SIZE + length));
  if (message === undefined) return wrong("not a DNS message");
  return isAnswerTo(message, id, question)
    ? judgeMessage(message, question, expect)
    : wrong("it answers another question");
};

/** By TCP: the only way on Workers, and the way to get an answer that UDP has truncated. */
const probeByTcp = overSocket<DnsExpect>(async (socket, { url, expect }, progress) => {
  const question = questionIn(url);
  const id = randomId();
  const heard = await ask(socket, withLength(encodeQuestion(id, question)), progress, {
    isWhole: (bytes) => bytes.length >= LENGTH_SIZE && bytes.length >= LENGTH_SIZE + lengthOf(bytes),
  });
  return concludeProbe(
    progress,
    "ending" in heard ? heard.ending : judgeBytes(heard.bytes, id, question, expect),
  );
});

/** The result by UDP: an answer to our question, or how the wait for it ended. */
type ByUdp =
  | { kind: "answered" | "truncated"; ending: Ending }
  | { kind: "failed"; error: unknown }
  | { kind: "late" };

/** One question by UDP. It skips datagrams that answer another question or are not a message: any host may send those. */
class Asking {
  readonly #line: Datagrams;
  readonly #question: Question;
  readonly #expect: DnsExpect | undefined;
  readonly #id = randomId();
  #next: Promise<Uint8Array> | undefined;

  constructor(line: Datagrams, question: Question, expect: DnsExpect | undefined) {
    this.#line = line;
    this.#question = question;
    this.#expect = expect;
  }

  send(): void {
    this.#line.send(encodeQuestion(this.#id, this.#question));
  }

  /** Waits for the answer until `remainingMs` is 0. */
  async hear(remainingMs: () => number): Promise<ByUdp> {
    for (;;) {
      this.#next ??= this.#line.next();
      const heard: Attempted<Uint8Array> = await attempt(this.#next, remainingMs());
      if (heard.kind !== "done") return heard;
      this.#next = undefined;
      const message = decodeMessage(heard.value);
      if (message === undefined || !isAnswerTo(message, this.#id, this.#question)) {
        // A sender that floods us would never let the timer fire.
        if (remainingMs() === 0) return { kind: "late" };
        continue;
      }
      return {
        kind: message.isTruncated ? "truncated" : "answered",
        ending: judgeMessage(message, this.#question, this.#expect),
      };
    }
  }
}

/**
 * Asks, and asks again as each of these parts of the quiet time has gone by, until there is a result. `quietMs`: after so long a silence,
 * no answer by UDP is expected any more.
 */
const askRepeatedly = async (
  asking: Asking,
  quietMs: number,
  progress: Progress,
  parts: readonly number[],
): Promise<ByUdp> => {
  let heard: ByUdp = { kind: "late" };
  for (const part of parts) {
    asking.send();
    // oxlint-disable-next-line no-await-in-loop -- one wait after the other
    heard = await asking.hear(() => Math.max(0, quietMs * part - progress.elapsedMs()));
    if (heard.kind !== "late") break;
  }
  return heard;
};

/** In the last third, TCP asks beside UDP. */
const ALONE = [1 / 3, 2 / 3];
const BESIDE = [1];

const isAnswer = ({ outcome }: Finding): boolean => outcome === "ok" || outcome === "app_error";
const wordsOf = ({ outcome, detail }: Finding): string =>
  detail === undefined ? outcome : `${outcome}: ${detail}`;

const SILENT: Ending = { outcome: "connect_timeout", stage: "connect", detail: "no answer by UDP" };

/** No answer by UDP may be due to the path, the host or the process: the result by TCP to the same port distinguishes them. */
const weigh = (byTcp: Finding | undefined): Ending => {
  if (byTcp === undefined) return SILENT;
  const words = `no answer by UDP; by TCP ${wordsOf(byTcp)}`;
  if (isAnswer(byTcp)) return wrong(words);
  const { outcome, stage } = byTcp;
  return outcome === "response_timeout" || outcome === "reset"
    ? { outcome, stage, detail: words }
    : { ...SILENT, detail: words };
};

/** The same question by TCP, in the time that is left. */
interface Beside {
  progress: Progress;
  finding: Promise<Finding>;
}

const probeByUdp =
  (openDatagrams: OpenDatagrams): ProtocolProbe<DnsExpect> =>
  async (spec, endpoint, wire, progress) => {
    const { timeoutMs, connectWithinMs = timeoutMs } = spec;
    progress.stage = "connect";
    const line = openDatagrams(endpoint);
    progress.route = line.route;
    const askBeside = (): Beside => {
      const left = progress.remainingMs();
      const own = startProgress(wire.now, left);
      return { progress: own, finding: probeByTcp({ ...spec, timeoutMs: left }, endpoint, wire, own) };
    };
    try {
      const unresolved = await resolved(line, progress, timeoutMs);
      if (unresolved !== undefined) return concludeProbe(progress, unresolved);
      const asking = new Asking(line, questionIn(spec.url), spec.expect);
      const quietMs = Math.min(timeoutMs, progress.elapsedMs() + connectWithinMs);
      let heard = await askRepeatedly(asking, quietMs, progress, ALONE);
      if (heard.kind === "truncated") return concludeProbe(progress, whole(await askBeside().finding));
      if (heard.kind !== "late") return concludeProbe(progress, ended(heard, progress, timeoutMs));
      const beside = askBeside();
      heard = await askRepeatedly(asking, quietMs, progress, BESIDE);
      // A server that lets us in by TCP has the whole time of an answer.
      const isLetIn = beside.progress.connectMs !== undefined;
      if (heard.kind === "late" && isLetIn) heard = await asking.hear(() => progress.remainingMs());
      if (heard.kind === "truncated") return concludeProbe(progress, whole(await beside.finding));
      if (heard.kind !== "late") return concludeProbe(progress, ended(heard, progress, timeoutMs));
      const byTcp = await attempt(beside.finding, isLetIn ? FLOOR_MS : 0);
      return concludeProbe(progress, weigh(byTcp.kind === "done" ? byTcp.value : undefined));
    } finally {
      line.close();
    }
  };

/** Waits for the look-up of the name; returns how it failed, if it did. */
const resolved = async (
  line: Datagrams,
  progress: Progress,
  timeoutMs: number,
): Promise<Ending | undefined> => {
  progress.isResolving = true;
  const opened = await attempt(line.opened, progress.remainingMs());
  if (opened.kind === "late") return UNRESOLVED;
  progress.isResolving = false;
  return opened.kind === "failed"
    ? judgeRejectedDial(opened.error, progress.elapsedMs(), timeoutMs)
    : undefined;
};

/** An answer that was cut off by UDP is asked for by TCP. Without an answer by TCP, the one by UDP cannot be read. */
const whole = (byTcp: Finding): Ending =>
  isAnswer(byTcp) ? byTcp : wrong(`cut off by UDP; by TCP ${wordsOf(byTcp)}`);

const ended = (heard: Exclude<ByUdp, { kind: "late" }>, progress: Progress, timeoutMs: number): Ending => {
  if (heard.kind !== "failed") return heard.ending;
  const connectMs = progress.elapsedMs();
  const ending = judgeRejectedDial(heard.error, connectMs, timeoutMs);
  return ending.outcome === "refused" ? { ...ending, connectMs } : ending;
};

/** DNS: asks the target itself, by UDP where the platform has it. */
export const probeDns: ProtocolProbe<DnsExpect> = (spec, endpoint, wire, progress) => {
  const prober = wire.datagrams === undefined ? probeByTcp : probeByUdp(wire.datagrams);
  return prober(spec, endpoint, wire, progress);
};
