import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Daemon } from "../consumers/daemon.ts";
import { makeCertificate } from "../../scripts/make-certificate.ts";
import type { RealServer, Seat } from "./server.ts";

/** Days that the certificate is good for still; of the other it is over. */
const DAYS = 90.5;
const AGING_DAYS = 9.5;
const OVER_DAYS = -1;
const good = makeCertificate(DAYS, "good");
const aging = makeCertificate(AGING_DAYS, "aging");
const expired = makeCertificate(OVER_DAYS, "expired");

/** All its certificates, for the clients that shall trust them. */
export const AUTHORITIES = good.cert + aging.cert + expired.cert;

const PROGRAM = { commands: { openssl: "openssl" } };

const serve = ({ port, dir }: Seat, name: string): Daemon => {
  const file = join(dir, `${name}.pem`);
  const place = ["-accept", `127.0.0.1:${port}`, "-cert", file, "-key", file];
  return new Daemon("openssl s_server", ["openssl", "s_server", "-quiet", "-www", ...place]);
};

const write = async ({ dir }: Seat): Promise<void> => {
  for (const [name, { cert, key }] of Object.entries({ good, aging, expired }))
    await writeFile(join(dir, `${name}.pem`), cert + key);
};

export const openssl: RealServer = {
  name: "openssl",
  title: "openssl s_server, tls://; misconfigured: its certificate has expired",
  needs: PROGRAM,
  url: ({ port }) => `tls://127.0.0.1:${port}`,
  expect: { certDays: 14 },
  prepare: write,
  start: (seat, isMisconfigured) => serve(seat, isMisconfigured ? "expired" : "good"),
  sights: {
    runs: {
      verdict: "alive",
      onNode: { finds: "ok/done", signedBy: "good" },
      onWorkers: { finds: "ok/done", saying: "its certificate is not seen from here" },
    },
    "is frozen": {
      verdict: "process_hung",
      onNode: { finds: "response_timeout/tls" },
      onWorkers: { finds: "response_timeout/tls" },
    },
    "is killed": {
      verdict: "process_crashed",
      onNode: { finds: "refused/connect" },
      onWorkers: { finds: "refused/connect" },
    },
    "is misconfigured": {
      verdict: "gray",
      onNode: { finds: "tls_failure/tls", saying: "CERT_HAS_EXPIRED", signedBy: "expired" },
      onWorkers: { finds: "tls_failure/tls" },
    },
  },
};

export const opensslAging: RealServer = {
  name: "openssl-aging",
  title:
    "openssl s_server, tls://, whose certificate expires in nine days; looked at by vantages on Node alone",
  needs: PROGRAM,
  url: ({ port }) => `tls://127.0.0.1:${port}`,
  expect: { certDays: 14 },
  prepare: write,
  start: (seat) => serve(seat, "aging"),
  isForNode: true,
  sights: {
    runs: {
      verdict: "gray",
      onNode: {
        finds: "app_error/tls",
        saying: "the certificate expires in 9 days, expect.certDays has 14",
        signedBy: "aging",
      },
    },
  },
};
