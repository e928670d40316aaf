import type { ExpectOf } from "../domain/kinds.ts";
import { ask, overSocket, said } from "./conversation.ts";
import { concludeProbe, type Ending } from "./progress.ts";

/** PostgreSQL's protocol 3.0, "SSL Session Encryption": its own length, 8, and the code 80877103. */
const SSL_REQUEST = new Uint8Array([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** "StartupMessage": its own length, the version, and a user and a database, which need not exist. */
const STARTUP = (() => {
  const words = new TextEncoder().encode("user\0parallax\0database\0postgres\0\0");
  return new Uint8Array([0, 0, 0, 8 + words.length, 0, 3, 0, 0, ...words]);
})();

const LETTERS = { S: 0x53, N: 0x4e, E: 0x45, R: 0x52 } as const;
/** A message has a letter and four bytes of length, which counts itself, before its content. */
const HEAD_LENGTH = 5;

/** Before a server knows the client's protocol, as when it cannot fork, it answers in protocol 2: a letter, text and a zero. */
const isByProtocol2 = ([letter, next = 0]: Uint8Array): boolean =>
  letter === LETTERS.E && next >= 0x20 && next < 0x7f;

const isWholeMessage = (bytes: Uint8Array): boolean =>
  isByProtocol2(bytes)
    ? bytes.includes(0)
    : bytes.length >= HEAD_LENGTH &&
      bytes.length > new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(1);

/** Whether the bytes are a whole message, or begin with none of these letters. */
const isTold = (letters: readonly number[], bytes: Uint8Array): boolean =>
  (bytes[0] !== undefined && !letters.includes(bytes[0])) || isWholeMessage(bytes);

const wrong = (detail: string): Ending => ({ outcome: "app_error", stage: "body", detail });
const notOurs = (bytes: Uint8Array): Ending => wrong(`not PostgreSQL: "${said(bytes)}"`);

/** Classes of SQLSTATE for errors of our login alone, as an unknown user or database: the server would let other clients in. */
const STRANGER = /^(28|3D|42)/;

/** "ErrorResponse": fields, each a letter and text. */
const judgeError = (bytes: Uint8Array): Ending => {
  if (!isWholeMessage(bytes)) return notOurs(bytes);
  if (isByProtocol2(bytes)) return wrong(`the server says: ${said(bytes.subarray(1))}`);
  const fields = new TextDecoder().decode(bytes.subarray(HEAD_LENGTH)).split("\0");
  const field = (letter: string): string | undefined =>
    fields.find((each) => each.startsWith(letter))?.slice(1);
  const state = field("C");
  if (state === undefined) return notOurs(bytes);
  return STRANGER.test(state)
    ? { outcome: "ok", stage: "done", detail: `it lets others in (${state})` }
    : wrong(`the server says: ${field("M")?.slice(0, 100) ?? "nothing"} (${state})`);
};

/** One byte is the whole answer. A longer one, as a banner that begins with the same letter, comes from another kind of server. */
const judgeOffer = (bytes: Uint8Array): Ending => {
  const [letter] = bytes;
  if (bytes.length === 1 && (letter === LETTERS.S || letter === LETTERS.N))
    return { outcome: "ok", stage: "done", detail: letter === LETTERS.S ? "TLS offered" : "no TLS offered" };
  return letter === LETTERS.E ? judgeError(bytes) : notOurs(bytes);
};

const judgeReady = (bytes: Uint8Array): Ending => {
  if (bytes[0] === LETTERS.R && isWholeMessage(bytes))
    return { outcome: "ok", stage: "done", detail: "it asks who we are" };
  return bytes[0] === LETTERS.E ? judgeError(bytes) : notOurs(bytes);
};

/**
 * PostgreSQL: `ok` is a server that answers whether it speaks TLS or, with `expect.ready`, one that would begin a session, as pg_isready
 * asks. The probe never logs in.
 */
export const probePostgres = overSocket<ExpectOf<"postgres">>(async (socket, { expect }, progress) => {
  const isReady = expect?.ready === true;
  const heard = await ask(socket, isReady ? STARTUP : SSL_REQUEST, progress, {
    // An error may follow on either question.
    isWhole: (bytes) => isTold(isReady ? [LETTERS.R, LETTERS.E] : [LETTERS.E], bytes),
    exactly: !isReady,
  });
  if ("ending" in heard) return concludeProbe(progress, heard.ending);
  return concludeProbe(progress, isReady ? judgeReady(heard.bytes) : judgeOffer(heard.bytes));
});
