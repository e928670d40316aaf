import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Question, RECORD_TYPES, type RecordType } from "../../src/domain/question.ts";
import { judgeMessage } from "../../src/probe/dns-answer.ts";
import { decodeMessage, encodeQuestion } from "../../src/probe/dns-message.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
const text = (words: string): string => Buffer.from(words).toString("hex");

/** An answer with one record of this type for "db.example". */
const answered = (type: RecordType, contents: string): Uint8Array => {
  const question = encodeQuestion(7, { name: "db.example", type });
  const data = bytes(contents);
  const record = bytes(`c00c 00${RECORD_TYPES[type].toString(16).padStart(2, "0")} 0001 0000003c`);
  const whole = new Uint8Array([...question, ...record, 0, data.length, ...data]);
  whole.set([0x81, 0x80], 2);
  whole[7] = 1;
  return whole;
};

/** "mail" and a pointer to the question's name. */
const MAIL = `04 ${text("mail")} c00c`;

describe("a message of DNS", () => {
  test.each<[RecordType, string, string]>([
    ["A", "c0000207", "192.0.2.7"],
    ["AAAA", "20010db8000000000000000000000001", "2001:db8::1"],
    ["NS", MAIL, "mail.db.example"],
    ["CNAME", `04 ${text("MAIL")} c00c`, "mail.db.example"],
    ["PTR", MAIL, "mail.db.example"],
    ["MX", `000a ${MAIL}`, "10 mail.db.example"],
    ["SRV", `0001 0002 1538 ${MAIL}`, "1 2 5432 mail.db.example"],
    [
      "SOA",
      `${MAIL} c00c 00000001 00000002 00000003 00000004 00000005`,
      "mail.db.example db.example 1 2 3 4 5",
    ],
    ["TXT", `03 ${text("v=1")} 02 ${text(" X")}`, "v=1 X"],
    ["NS", `05 ${text("a.b\\\n")} 00`, "a\\046b\\092\\010"],
  ])("tells a record of type %s", (type, contents, expected) => {
    expect(decodeMessage(answered(type, contents))?.records).toEqual([
      { type: RECORD_TYPES[type], ttl: 60, text: expected },
    ]);
  });

  test.each<[string, RecordType, string]>([
    ["an address cut short", "A", "c00002"],
    ["an address that goes on", "A", "c000020701"],
    ["a name that points to itself", "NS", "c028"],
    ["a name that points further down", "NS", "c0ff"],
    ["a label of a kind that is none", "NS", "80"],
    ["a name with more behind it", "NS", `${MAIL} 00`],
    ["a text that ends behind its record", "TXT", "05 61"],
  ])("is none with %s", (_, type, contents) => {
    expect(decodeMessage(answered(type, contents))).toBeUndefined();
  });

  test("asks for the root by no label at all, and reads it as a dot", () => {
    const question = encodeQuestion(7, { name: ".", type: "NS" });
    expect([...question.subarray(12)]).toEqual([0, 0, RECORD_TYPES.NS, 0, 1]);
    expect(decodeMessage(question)?.question).toEqual({ name: ".", type: RECORD_TYPES.NS });
    expect(decodeMessage(answered("MX", "0000 00"))?.records).toMatchObject([{ text: "0 ." }]);
  });

  test("is none when cut off anywhere", () => {
    const whole = answered("MX", `000a ${MAIL}`);
    for (let length = 0; length < whole.length; length++)
      expect(decodeMessage(whole.subarray(0, length))).toBeUndefined();
  });

  test("never throws and always ends, whatever its bytes", () => {
    const whole = answered("SOA", `${MAIL} c00c 00000001 00000002 00000003 00000004 00000005`);
    const change = fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }));
    const changed = fc.array(change, { maxLength: 6 }).map((changes) => {
      const copy = Uint8Array.from(whole);
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 5_120 }), changed), (some) => {
        const { records = [] } = decodeMessage(some) ?? {};
        expect(records.length).toBeLessThanOrEqual(500);
        for (const record of records) expect(record.text.length).toBeLessThanOrEqual(4 * some.length + 64);
      }),
      { numRuns: 2_000 },
    );
  });

  test("a question comes back as it was asked", () => {
    const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);
    const name = fc.array(label, { minLength: 1, maxLength: 8 }).map((labels) => labels.join("."));
    const type = fc.constantFrom(...(Object.keys(RECORD_TYPES) as RecordType[]));
    fc.assert(
      fc.property(name, type, fc.nat({ max: 65_535 }), (asked, of, id) => {
        expect(decodeMessage(encodeQuestion(id, { name: asked, type: of }))).toMatchObject({
          id,
          isAnswer: false,
          question: { name: asked, type: RECORD_TYPES[of] },
        });
      }),
    );
  });
});

describe("an answer", () => {
  const judged = (question: Question["type"], contents: string, answers: string[]) => {
    const message = decodeMessage(answered(question, contents));
    if (message === undefined) throw new Error("no message");
    return judgeMessage(message, { name: "db.example", type: question }, { answers }).outcome;
  };

  test.each<[RecordType, string, string]>([
    ["AAAA", "20010db8000000000000000000000001", "2001:0DB8:0::1"],
    ["MX", `000a ${MAIL}`, "10 Mail.db.example."],
    ["TXT", `03 ${text("v=1")}`, "v=1"],
  ])("of type %s is found however it is written", (type, contents, written) => {
    expect(judged(type, contents, [written])).toBe("ok");
  });

  test("of type TXT is what it is to the letter", () => {
    expect(judged("TXT", `03 ${text("v=A")}`, ["v=a"])).toBe("app_error");
  });
});
