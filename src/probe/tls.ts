import type { ExpectOf } from "../domain/kinds.ts";
import { overSocket } from "./conversation.ts";
import { concludeProbe } from "./progress.ts";

/** TLS: `ok` is a handshake in which the certificate is valid for the host. The connection provides the certificate's fields. */
export const probeTls = overSocket<ExpectOf<"tls">>((_socket, _spec, progress) =>
  Promise.resolve(concludeProbe(progress, { outcome: "ok", stage: "done" })),
);
