import { createSecureContext, TLSSocket } from "node:tls";
import { makeCertificate } from "../../../scripts/make-certificate.ts";
import { type Behaviour, type KindCases, RUDE, saying } from "./cases.ts";

/** Speaks TLS with a certificate that is valid for `days` more days. */
const secure = (days: number): Behaviour => {
  const secureContext = createSecureContext(makeCertificate(days));
  return {
    tcp: (socket) => {
      const tls = new TLSSocket(socket, { isServer: true, secureContext });
      tls.on("error", () => undefined);
      tls.resume();
    },
  };
};

export const kind: KindCases = {
  scheme: "tls",
  behaviours: {
    silent: RUDE["silent"] ?? {},
    endsWhenAsked: RUDE["endsWhenAsked"] ?? {},
    endless: RUDE["endless"] ?? {},
    selfSigned: secure(90),
    expired: secure(-1),
    plain: { tcp: saying("220 mail.example ESMTP\r\n") },
  },
  cases: [
    { of: "nobody", finds: "refused/connect" },
    { of: "silent", finds: "response_timeout/tls" },
    { of: "endsWhenAsked", finds: "reset/response", onWorkers: "tls_failure/tls" },
    { of: "endless", finds: "tls_failure/tls" },
    { of: "plain", finds: "tls_failure/tls" },
    { of: "selfSigned", finds: "tls_failure/tls" },
    { of: "selfSigned", finds: "tls_failure/tls", expect: { certDays: 30 } },
    { of: "expired", finds: "tls_failure/tls" },
  ],
};
