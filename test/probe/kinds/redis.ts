import { dripping, type KindCases, RUDE, RUDE_CASES, saying } from "./cases.ts";

const master = "*3\r\n$6\r\nmaster\r\n:3129659\r\n*0\r\n";
const replica = "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:9000\r\n$9\r\nconnected\r\n:3167038\r\n";
const NOAUTH = "-NOAUTH Authentication required.\r\n";
const LOADING = "-LOADING Redis is loading the dataset in memory\r\n";

export const kind: KindCases = {
  scheme: "redis",
  behaviours: {
    ...RUDE,
    well: { tcp: saying("+PONG\r\n") },
    byteByByte: { tcp: dripping(`+PONG\r\n${master}`) },
    primary: { tcp: saying(`+PONG\r\n${master}`) },
    replica: { tcp: saying(`+PONG\r\n${replica}`) },
    sentinel: { tcp: saying("+PONG\r\n*2\r\n$8\r\nsentinel\r\n*1\r\n$2\r\ndb\r\n") },
    locked: { tcp: saying(NOAUTH + NOAUTH) },
    roleless: { tcp: saying("+PONG\r\n-ERR unknown command 'ROLE'\r\n") },
    loading: { tcp: saying(LOADING) },
    full: { tcp: (socket) => socket.end("-ERR max number of clients reached\r\n") },
    http: { tcp: saying("HTTP/1.1 400 Bad Request\r\n\r\n") },
    cut: { tcp: (socket) => socket.once("data", () => socket.end("+PO")) },
    stuck: { tcp: saying("+PO") },
    halfRole: { tcp: saying("+PONG\r\n*3\r\n$6\r\nmas") },
  },
  cases: [
    ...RUDE_CASES,
    { of: "well", finds: "ok/done" },
    { of: "byteByByte", finds: "ok/done", expect: { role: "primary" } },
    { of: "primary", finds: "ok/done", expect: { role: "primary" } },
    { of: "replica", finds: "ok/done", expect: { role: "replica" } },
    {
      of: "replica",
      finds: "app_error/body",
      expect: { role: "primary" },
      saying: "its role is replica, expect.role has primary",
    },
    { of: "sentinel", finds: "app_error/body", expect: { role: "primary" } },
    { of: "locked", finds: "ok/done", saying: "it answers, and asks for a password" },
    {
      of: "locked",
      finds: "app_error/body",
      expect: { role: "primary" },
      saying: "expect.role cannot be met: the server does not tell its role (NOAUTH",
    },
    { of: "roleless", finds: "app_error/body", expect: { role: "primary" } },
    {
      of: "loading",
      finds: "app_error/body",
      expect: { role: "primary" },
      saying: "LOADING Redis is loading",
    },
    { of: "full", finds: "app_error/body", saying: "ERR max number of clients reached" },
    { of: "http", finds: "app_error/body", saying: "not Redis" },
    { of: "cut", finds: "reset/body" },
    { of: "stuck", finds: "response_timeout/body" },
    { of: "halfRole", finds: "response_timeout/body", expect: { role: "primary" } },
    { of: "well", finds: "response_timeout/body", expect: { role: "primary" } },
  ],
};
