import type { Socket } from "node:net";
import { type Behaviour, type KindCases, RUDE, RUDE_CASES } from "./cases.ts";

type Udp = NonNullable<Behaviour["udp"]>;
type Tcp = NonNullable<Behaviour["tcp"]>;

const RECORDS: Readonly<Record<string, string>> = {
  // A pointer to the question's name, type, class IN, 300 s to live, the length, the contents.
  a: "c00c 0001 0001 0000012c 0004 c0000207",
  a2: "c00c 0001 0001 0000003c 0004 c0000208",
  // An alias, whose target is "db" and a pointer to the question's name after its first label.
  cname: "c00c 0005 0001 0000012c 0005 02 6462 c010",
  longerThanItIs: "c00c 0001 0001 0000012c 0005 c0000207",
  loop: "c01d 0001 0001 0000012c 0004 c0000207",
  opt: "00 0029 04d0 00000000 0000",
};

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

interface Said {
  rcode?: number;
  /** Further bits of the header. */
  flags?: number;
  records?: readonly (keyof typeof RECORDS)[];
  /** The count in the header, where it must be wrong. */
  count?: number;
  id?: number;
}

/** An answer to this query: its header, its question, these records. */
const answer = (query: Buffer, { rcode = 0, flags = 0, records = [], count, id }: Said): Buffer => {
  const reply = Buffer.concat([query, ...records.map((name) => bytesOf(RECORDS[name] ?? ""))]);
  if (reply.length < 12) return reply;
  reply.writeUInt16BE(id ?? query.readUInt16BE(0), 0);
  reply.writeUInt16BE(0x8180 | flags | rcode, 2);
  reply.writeUInt16BE(count ?? records.length, 6);
  return reply;
};

/** Calls `then` with the message received, without its length. Our own queries arrive whole. */
const onQuery = (socket: Socket, then: (query: Buffer) => void): void => {
  socket.once("data", (data: Buffer) => then(data.subarray(2)));
};

const withLength = (message: Buffer): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
};

const byUdp =
  (said: Said): Udp =>
  (query, reply) =>
    reply(answer(query, said));
const byTcp =
  (said: Said): Tcp =>
  (socket) =>
    onQuery(socket, (query) => socket.write(withLength(answer(query, said))));
const says = (said: Said): Behaviour => ({ udp: byUdp(said), tcp: byTcp(said) });

const drip: Tcp = (socket) =>
  onQuery(socket, (query) => {
    socket.setNoDelay(true);
    const bytes = withLength(answer(query, { records: ["a"] }));
    const next = (at: number): void => {
      if (at < bytes.length) socket.write(bytes.subarray(at, at + 1), () => setImmediate(next, at + 1));
    };
    next(0);
  });

/** Answers from the `times`-th query on. */
const afterAsked = (times: number): Udp => {
  let asked = 0;
  return (query, reply) => {
    asked += 1;
    if (asked >= times) reply(answer(query, { records: ["a"] }));
  };
};

export const kind: KindCases = {
  scheme: "dns",
  path: "/www.db.example?type=A",
  behaviours: {
    ...RUDE,
    well: says({ records: ["a"] }),
    two: says({ records: ["a", "a2"] }),
    alias: says({ records: ["cname", "a"] }),
    aliasAlone: says({ records: ["cname"] }),
    empty: says({}),
    broken: says({ rcode: 2 }),
    unknown: says({ rcode: 3 }),
    foreign: says({ rcode: 5 }),
    strangeCode: says({ rcode: 11 }),
    otherId: says({ id: 0, records: ["a"] }),
    tooFew: says({ records: ["a"], count: 2 }),
    tooMany: says({ records: ["a"], count: 65_535 }),
    longerThanItIs: says({ records: ["longerThanItIs", "opt"] }),
    loop: says({ records: ["loop"] }),
    badBehind: says({ records: ["a", "opt"], count: 1 }),
    lossy: { udp: afterAsked(2), tcp: byTcp({ records: ["a"] }) },
    udpAlone: { udp: byUdp({ records: ["a"] }) },
    tcpAlone: { udp: () => undefined, tcp: byTcp({ records: ["a"] }) },
    udpSilent: { udp: () => undefined, tcp: () => undefined },
    bothSilentNoTcp: { udp: () => undefined },
    truncated: { udp: byUdp({ flags: 0x0200 }), tcp: byTcp({ records: ["a", "a2"] }) },
    truncatedNoTcp: { udp: byUdp({ flags: 0x0200 }) },
    byteByByte: { udp: byUdp({ records: ["a"] }), tcp: drip },
    flooded: {
      udp: (query, reply) => {
        for (let count = 0; count < 50; count++) reply(Buffer.alloc(count * 20, count));
        reply(answer(query, { records: ["a"] }));
      },
      tcp: byTcp({ records: ["a"] }),
    },
    cut: {
      udp: (query, reply) => reply(answer(query, { records: ["a"] }).subarray(0, 40)),
      tcp: (socket) =>
        onQuery(socket, (query) => socket.end(withLength(answer(query, { records: ["a"] })).subarray(0, 40))),
    },
  },
  cases: [
    // Where no UDP socket listens either, the finding is a refusal on Node. On Workers, which has only TCP, it is that of the rude TCP
    // server.
    ...RUDE_CASES.map((each) =>
      each.of === "nobody" ? each : { ...each, finds: "refused/connect", onWorkers: each.finds },
    ),
    { of: "well", finds: "ok/done", saying: "192.0.2.7; 300 s to live" },
    { of: "well", finds: "ok/done", expect: { answers: ["192.0.2.7"], minTtl: 300 } },
    {
      of: "well",
      finds: "app_error/body",
      expect: { minTtl: 301 },
      saying: "300 s to live, expect.minTtl has 301",
    },
    { of: "two", finds: "ok/done", expect: { answers: ["192.0.2.8"] } },
    { of: "two", finds: "app_error/body", expect: { minTtl: 61 } },
    {
      of: "two",
      finds: "app_error/body",
      expect: { answers: ["192.0.2.7", "192.0.2.9"] },
      saying: 'the answer lacks "192.0.2.9"; it has 192.0.2.7, 192.0.2.8',
    },
    { of: "alias", finds: "ok/done", expect: { answers: ["192.0.2.7"] } },
    { of: "aliasAlone", finds: "app_error/body", saying: "no record of type A among 1" },
    { of: "empty", finds: "app_error/body", saying: "no record of type A" },
    { of: "broken", finds: "app_error/body", saying: "rcode SERVFAIL, expected NOERROR" },
    { of: "unknown", finds: "app_error/body", saying: "rcode NXDOMAIN" },
    { of: "unknown", finds: "ok/done", expect: { rcode: "NXDOMAIN" } },
    { of: "foreign", finds: "app_error/body", saying: "rcode REFUSED" },
    { of: "strangeCode", finds: "app_error/body", saying: "rcode number 11" },
    {
      of: "well",
      finds: "app_error/body",
      expect: { rcode: "NXDOMAIN" },
      saying: "rcode NOERROR, expected NXDOMAIN",
    },
    // Anybody can send such a message by UDP. By TCP it must come from the server itself.
    { of: "otherId", finds: "app_error/body", saying: "it answers another question" },
    { of: "tooFew", finds: "app_error/body", saying: "not a DNS message" },
    { of: "tooMany", finds: "app_error/body" },
    { of: "longerThanItIs", finds: "app_error/body" },
    { of: "loop", finds: "app_error/body" },
    { of: "badBehind", finds: "ok/done" },
    { of: "lossy", finds: "ok/done" },
    { of: "udpAlone", finds: "ok/done", onWorkers: "refused/connect" },
    {
      of: "tcpAlone",
      finds: "app_error/body",
      onWorkers: "ok/done",
      saying: "no answer by UDP; by TCP ok",
    },
    { of: "udpSilent", finds: "response_timeout/response" },
    { of: "bothSilentNoTcp", finds: "connect_timeout/connect", onWorkers: "refused/connect" },
    { of: "truncated", finds: "ok/done", expect: { answers: ["192.0.2.8"] } },
    {
      of: "truncatedNoTcp",
      finds: "app_error/body",
      onWorkers: "refused/connect",
      saying: "cut off by UDP; by TCP refused",
    },
    { of: "byteByByte", finds: "ok/done" },
    { of: "flooded", finds: "ok/done" },
    { of: "cut", finds: "reset/body" },
  ],
};
