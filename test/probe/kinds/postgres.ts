import { dripping, type KindCases, RUDE, RUDE_CASES, saying } from "./cases.ts";

export const kind: KindCases = {
  scheme: "postgres",
  behaviours: {
    ...RUDE,
    plain: { tcp: saying("N") },
    secure: { tcp: saying("S") },
    ssh: { tcp: (socket) => socket.write("SSH-2.0-OpenSSH_9.2p1 Debian\r\n") },
    sshByteByByte: { tcp: dripping("SSH-2.0-OpenSSH_9.2p1 Debian\r\n") },
    http: { tcp: saying("HTTP/1.1 400 Bad Request\r\n\r\n") },
    failing: { tcp: (socket) => socket.once("data", () => socket.end("Ecould not fork new process\n\0")) },
    echo: { tcp: (socket) => socket.pipe(socket) },
  },
  cases: [
    ...RUDE_CASES,
    { of: "plain", finds: "ok/done", saying: "no TLS offered" },
    { of: "secure", finds: "ok/done", saying: "TLS offered" },
    { of: "ssh", finds: "app_error/body", saying: "not PostgreSQL" },
    { of: "sshByteByByte", finds: "app_error/body", saying: "not PostgreSQL" },
    { of: "http", finds: "app_error/body" },
    { of: "failing", finds: "app_error/body", saying: "the server says: could not fork new process" },
    { of: "echo", finds: "app_error/body" },
  ],
};
