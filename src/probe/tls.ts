import type { ExpectOf } from "../domain/kinds.ts";
import { overSocket } from "./conversation.ts";
import { concludeProbe } from "./progress.ts";

/** TLS: a handshake by which the certificate is good for the host is `ok`. What the certificate says comes from the connection. */
export const probeTls = overSocket<ExpectOf<"tls">>((_socket, _spec, progress) =>
  Promise.resolve(concludeProbe(progress, { outcome: "ok", stage: "done" })),
);
