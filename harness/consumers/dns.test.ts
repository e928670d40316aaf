import { createSocket, type Socket } from "node:dgram";
import { afterEach, describe, expect, test } from "vitest";
import { decodeAddresses, encodeQuery, resolve, resolveTimes } from "./dns.ts";

/** An answer as RFC 1035 has it, its owner names compressed: to `www.example`. */
const answerTo = (query: Buffer, code: number, records: readonly (readonly [number, number[]])[]): Buffer => {
  const head = Buffer.from(query);
  head.writeUInt16BE(0x8400 | code, 2);
  head.writeUInt16BE(records.length, 6);
  const bodies = records.map(([type, data]) =>
    Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 10, 0, data.length, ...data]),
  );
  return Buffer.concat([head, ...bodies]);
};

let server: Socket | undefined;
afterEach(() => server?.close());

describe("a question to a name server", () => {
  test("asks for the addresses of one name", () => {
    expect(encodeQuery(0x1234, "www.example").toString("hex")).toBe(
      "12340000000100000000000003777777076578616d706c650000010001",
    );
  });

  test("reads addresses out of an answer, past records of other kinds", () => {
    const answer = answerTo(encodeQuery(1, "www.example"), 0, [
      [5, [1, 97, 0]],
      [1, [127, 0, 0, 1]],
      [1, [192, 0, 2, 9]],
    ]);
    expect(decodeAddresses(answer)).toEqual(["127.0.0.1", "192.0.2.9"]);
  });

  test("throws for an answer that is an error", () => {
    expect(() => decodeAddresses(answerTo(encodeQuery(1, "www.example"), 2, []))).toThrow("code 2");
  });

  test("takes no answer to another question for its own", async () => {
    const own = createSocket("udp4");
    server = own;
    await new Promise<void>((done) => own.bind(0, "127.0.0.1", done));
    own.on("message", (query, { port }) => {
      const answer = answerTo(query, 0, [[1, [127, 0, 0, 2]]]);
      const other = Buffer.from(answer);
      other.writeUInt16BE(query.readUInt16BE(0) ^ 1, 0);
      other[other.length - 1] = 9;
      own.send(other, port, "127.0.0.1", () => own.send(answer, port, "127.0.0.1"));
    });
    expect(await resolve(own.address().port, "www.example")).toEqual(["127.0.0.2"]);
  });

  test("is asked so many times at once, and each is answered", async () => {
    const own = createSocket("udp4");
    server = own;
    await new Promise<void>((done) => own.bind(0, "127.0.0.1", done));
    const asked: number[] = [];
    own.on("message", (query, { port }) => {
      asked.push(query.readUInt16BE(0));
      own.send(answerTo(query, 0, [[1, [127, 0, 0, asked.length]]]), port, "127.0.0.1");
    });
    const answers = await resolveTimes(own.address().port, "www.example", 3);
    expect(answers).toEqual([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.3"]]);
    expect(new Set(asked).size).toBe(3);
  });
});
