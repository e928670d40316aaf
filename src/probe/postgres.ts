import type { ExpectOf } from "../domain/kinds.ts";
import { ask, overSocket, said } from "./conversation.ts";
import { conclude, type Ending } from "./progress.ts";

/** PostgreSQL's protocol 3.0, "SSL Session Encryption": its own length, 8, and the code 80877103. */
const SSL_REQUEST = new Uint8Array([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** One byte is the whole answer. What says more, as a banner that begins with the same letter, is another server. */
const judge = (bytes: Uint8Array): Ending => {
  const text = said(bytes);
  if (text === "S" || text === "N")
    return { outcome: "ok", stage: "done", detail: text === "S" ? "TLS offered" : "no TLS offered" };
  // A server that cannot begin a session says so in words behind an E.
  const words = bytes[0] === 0x45 ? text.slice(1).trim() : undefined;
  const detail = words === undefined ? `not PostgreSQL: "${text}"` : `the server says: ${words}`;
  return { outcome: "app_error", stage: "body", detail };
};

/** PostgreSQL: a server that answers whether it would speak TLS. Nobody logs in, so nothing is told of what it would serve. */
export const probePostgres = overSocket<ExpectOf<"postgres">>(false, async (socket, _spec, progress) => {
  const heard = await ask(socket, SSL_REQUEST, progress, {
    isWhole: (bytes) => bytes.length > 0,
    exactly: true,
  });
  return conclude(progress, "ending" in heard ? heard.ending : judge(heard.bytes));
});
