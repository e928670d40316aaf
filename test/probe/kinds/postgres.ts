import { dripping, type KindCases, RUDE, RUDE_CASES, saying } from "./cases.ts";

/** A message: its letter, its length, its text. */
const message = (letter: string, text: string): string =>
  `${letter}\0\0\0${String.fromCharCode(text.length + 4)}${text}`;
const error = (state: string, text: string): string =>
  message("E", `SFATAL\0VFATAL\0C${state}\0M${text}\0Fpostmaster.c\0\0`);
const READY = { ready: true } as const;

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
    scram: { tcp: saying(message("R", "\0\0\0\x0aSCRAM-SHA-256\0\0")) },
    byteByByte: { tcp: dripping(error("28000", "no pg_hba.conf entry")) },
    starting: { tcp: saying(error("57P03", "the database system is starting up")) },
    full: { tcp: saying(error("53300", "sorry, too many clients already")) },
    fullByteByByte: { tcp: dripping(error("53300", "too many clients")) },
    stateless: { tcp: saying(message("E", "Mno state\0\0")) },
    cut: { tcp: (socket) => socket.once("data", () => socket.end(error("57P03", "starting").slice(0, 20))) },
    stuck: { tcp: saying(error("57P03", "starting").slice(0, 20)) },
    huge: { tcp: saying(`E\x7f\0\0\0${"x".repeat(9_000)}`) },
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
    { of: "failing", finds: "app_error/body", expect: READY, saying: "could not fork new process" },
    {
      of: "full",
      finds: "app_error/body",
      saying: "the server says: sorry, too many clients already (53300)",
    },
    { of: "fullByteByByte", finds: "app_error/body", saying: "the server says: too many clients (53300)" },
    { of: "cut", finds: "reset/body" },
    { of: "stuck", finds: "response_timeout/body" },
    { of: "echo", finds: "app_error/body" },
    { of: "scram", finds: "ok/done", expect: READY, saying: "it asks who we are" },
    { of: "byteByByte", finds: "ok/done", expect: READY, saying: "it lets others in (28000)" },
    {
      of: "starting",
      finds: "app_error/body",
      expect: READY,
      saying: "the server says: the database system is starting up (57P03)",
    },
    { of: "full", finds: "app_error/body", expect: READY, saying: "too many clients" },
    { of: "stateless", finds: "app_error/body", expect: READY },
    { of: "cut", finds: "reset/body", expect: READY },
    { of: "stuck", finds: "response_timeout/body", expect: READY },
    { of: "huge", finds: "app_error/body", expect: READY, saying: "not PostgreSQL" },
    { of: "http", finds: "app_error/body", expect: READY, saying: "not PostgreSQL" },
    { of: "plain", finds: "app_error/body", expect: READY },
    { of: "scram", finds: "app_error/body", saying: "not PostgreSQL" },
  ],
};
