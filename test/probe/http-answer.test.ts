import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HttpAnswer } from "../../src/probe/http-answer.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An answer, and the body that it has passed on so far. */
const answerOf = () => {
  const pieces: Uint8Array[] = [];
  const answer = new HttpAnswer((data) => void pieces.push(data.slice()));
  return { answer, body: () => new TextDecoder().decode(Buffer.concat(pieces)) };
};

/** Reads the pieces and, if `closed`, the proper end of the connection. */
const read = (pieces: Uint8Array[], closed = true) => {
  const { answer, body } = answerOf();
  for (const piece of pieces) answer.push(piece);
  if (closed) answer.end();
  const { state, head, flaw } = answer;
  return { state, status: head?.status, flaw, body: body() };
};

describe("an HTTP/1.1 answer", () => {
  test.each<[string, string, object]>([
    [
      "of a declared length",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
      { state: "complete", body: "ok" },
    ],
    [
      "with more than it declared",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokay",
      { state: "complete", body: "ok" },
    ],
    [
      "with less than it declared",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
      { state: "body", body: "ok" },
    ],
    ["until the connection closes", "HTTP/1.0 200 OK\r\n\r\nok", { state: "complete", body: "ok" }],
    ["with bare line feeds", "HTTP/1.1 200 OK\ncontent-length:2\n\nok", { state: "complete", body: "ok" }],
    ["without a reason", "HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n", { state: "complete", status: 503 }],
    [
      "in chunks",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\no\r\n1\r\nk\r\n0\r\n\r\n",
      { state: "complete", body: "ok" },
    ],
    [
      "in chunks, which outrank a length",
      "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
      { state: "complete", body: "ok" },
    ],
    [
      "in a chunk cut short",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok",
      { state: "body", body: "ok" },
    ],
    [
      "in chunks of no size",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      { state: "garbage", flaw: "bad chunk" },
    ],
    [
      "in chunks that overrun",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nokay\r\n",
      { state: "garbage", flaw: "bad chunk" },
    ],
    [
      "with two lengths",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok",
      { state: "garbage", flaw: "bad content-length" },
    ],
    [
      "with the same length twice",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
      { state: "complete" },
    ],
    [
      "with the same length as a list",
      "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
      { state: "complete", body: "ok" },
    ],
    [
      "with a list of lengths",
      "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok",
      { state: "garbage", flaw: "bad content-length" },
    ],
    [
      "behind empty lines",
      "\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
      { state: "complete", body: "ok" },
    ],
    [
      "with a folded line",
      "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
      { state: "garbage", flaw: "bad header line" },
    ],
    [
      "with a space before a colon",
      "HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
      { state: "garbage", flaw: "bad header line" },
    ],
    [
      "with a line without a colon",
      "HTTP/1.1 200 OK\r\nnothing\r\n\r\n",
      { state: "garbage", flaw: "bad header line" },
    ],
    [
      "with a header of no value",
      "HTTP/1.1 200 OK\r\nX:\r\nContent-Length: 0\r\n\r\n",
      { state: "complete" },
    ],
    [
      "with 60 KB of headers",
      `HTTP/1.1 200 OK\r\nX: ${"a".repeat(60_000)}\r\nContent-Length: 2\r\n\r\nok`,
      { state: "complete", body: "ok" },
    ],
    ["with a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok", { state: "garbage" }],
    [
      "that may have no body",
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n",
      { state: "complete", status: 304 },
    ],
    [
      "after interim ones",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
      { state: "complete", status: 200, body: "ok" },
    ],
    ["of another protocol", "SSH-2.0-OpenSSH\r\n", { state: "garbage", flaw: "not an HTTP answer" }],
    ["of HTTP/2", "HTTP/2 200\r\n\r\n", { state: "garbage" }],
    ["with a bad status", "HTTP/1.1 20 OK\r\n\r\n", { state: "garbage", flaw: "bad status line" }],
    ["unfinished", "HTTP/1.1 200 OK\r\nContent-", { state: "head", status: undefined }],
  ])("%s", (_, text, expected) => {
    expect(read([encode(text)])).toMatchObject(expected);
  });

  test("is judged garbage by its first byte, without waiting for a line", () => {
    expect(read([encode("S")], false).state).toBe("garbage");
    expect(read([encode("HTTP")], false).state).toBe("head");
  });

  test("with endless headers is given up at 128 KiB", () => {
    const head = `HTTP/1.1 200 OK\r\nX-Long: ${"x".repeat(131_072)}`;
    expect(read([encode(head)], false)).toMatchObject({
      state: "garbage",
      flaw: "headers longer than 131072 bytes",
    });
    const dripped = Array.from({ length: 1_400 }, () => encode("X: ".padEnd(98, "x") + "\r\n"));
    expect(read([encode("HTTP/1.1 200 OK\r\n"), ...dripped], false).state).toBe("garbage");
  });

  test("behind thousands of interim ones is read to its end", () => {
    const interim = "HTTP/1.1 103 Hints\r\n\r\n".repeat(20_000);
    expect(read([encode(`${interim}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`)])).toMatchObject({
      state: "complete",
      body: "ok",
    });
  });

  test("tells its headers by name, several joined as `fetch` joins them", () => {
    const { answer } = answerOf();
    answer.push(encode("HTTP/1.1 302 Found\r\nLocation: /a\r\nlocation:  /b \r\n\r\n"));
    const fields = answer.head?.fields;
    expect([fields?.get("location"), fields?.get("content-type")]).toEqual(["/a, /b", null]);
  });
});

describe("laws of an HTTP answer", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 40 });

  test("any bytes whatever are read without a throw and within bounds", () => {
    const start = fc.constantFrom(
      "",
      "HTTP/1.1 200 OK\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n",
    );
    fc.assert(
      fc.property(start, pieces, (head, parts) => {
        const { answer, body } = answerOf();
        for (const part of [encode(head), ...parts]) answer.push(part);
        answer.end();
        expect(["head", "body", "complete", "garbage"]).toContain(answer.state);
        if (answer.state === "garbage" && answer.flaw !== "bad chunk") expect(body()).toBe("");
      }),
    );
  });

  test("where the network cuts the bytes makes no difference", () => {
    const whole = fc.constantFrom(
      "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nall well",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nall\r\n5\r\n well\r\n0\r\n\r\n",
      "HTTP/1.1 103 Hints\r\n\r\nHTTP/1.0 500 Oops\r\n\r\nuntil the end",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nallwrong",
    );
    const cuts = fc.array(fc.nat({ max: 120 }), { maxLength: 20 });
    fc.assert(
      fc.property(whole, cuts, (text, places) => {
        const bytes = encode(text);
        const edges = [
          0,
          ...places.filter((place) => place < bytes.length).sort((a, b) => a - b),
          bytes.length,
        ];
        const parts = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
        expect(read(parts)).toEqual(read([bytes]));
      }),
    );
  });
});
