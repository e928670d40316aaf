import { describe, expect, test } from "vitest";
import { type AnswerHead, judgeAnswer } from "../../src/probe/judged-answer.ts";
import { startProgress } from "../../src/probe/progress.ts";
import type { Expect } from "../../src/domain/kinds.ts";

const EDGE = { server: "cloudflare", "cf-ray": "8f00-AMS" };

/** An answer with this status, head and text, and whether the judge of answers cancelled the rest of it. */
const answer = (status: number, headers: Record<string, string>, text = "ok", isProxied = true) => {
  const said = [new TextEncoder().encode(text)];
  let isCancelled = false;
  const heard: AnswerHead = {
    status,
    fields: new Headers(headers),
    codings: [],
    isProxied,
    body: {
      read: async () => {
        const value = said.shift();
        return value === undefined ? { done: true } : { done: false, value };
      },
      cancel: async () => {
        isCancelled = true;
      },
    },
  };
  const judge = (wanted?: Expect) =>
    judgeAnswer(
      heard,
      { url: "http://db.example/", timeoutMs: 1_000, expect: wanted },
      startProgress(() => 0, 1_000),
    );
  return { judge, isCancelled: () => isCancelled };
};

describe("an answer, whoever read its head", () => {
  test.each<[string, number, Record<string, string>, string, Expect | undefined, object]>([
    ["good", 200, {}, "ok", undefined, { outcome: "ok", stage: "done" }],
    [
      "of a cache",
      200,
      { age: "9" },
      "ok",
      undefined,
      { outcome: "ok", proxied: true, detail: "via cache, age: 9" },
    ],
    ["past a cache", 200, { age: "0" }, "ok", { fresh: true }, { outcome: "ok", detail: "age: 0" }],
    [
      "elsewhere, with the query that was asked for",
      302,
      { location: "https://db.example/in?key=s3cret" },
      "",
      undefined,
      { detail: "status 302 to https://db.example/in?…, which is not followed" },
    ],
    [
      "elsewhere, with a token in the fragment",
      302,
      { location: "/in#access_token=s3cret?" },
      "",
      undefined,
      { detail: "status 302 to /in#…, which is not followed" },
    ],
    [
      "elsewhere, with a name and a password before the host",
      302,
      { location: "https://ops:s3cr@t@db.example/in" },
      "",
      undefined,
      { detail: "status 302 to https://…@db.example/in, which is not followed" },
    ],
    [
      "elsewhere, with the same where the scheme is left out, and the query",
      302,
      { location: "//ops:s3cret@db.example/a@b?key=s3cret#s3cret" },
      "",
      undefined,
      { detail: "status 302 to //…@db.example/a@b?…, which is not followed" },
    ],
    [
      "of a cache, though it must be fresh",
      200,
      { "cf-cache-status": "HIT" },
      "ok",
      { fresh: true },
      { outcome: "app_error", proxied: true },
    ],
    [
      "wrong, of a cache",
      404,
      { age: "9" },
      "no",
      undefined,
      { outcome: "app_error", detail: "status 404 (via cache, age: 9)" },
    ],
    [
      "Cloudflare's own of a dead origin",
      521,
      EDGE,
      "error code: 521",
      undefined,
      { outcome: "refused", proxied: true },
    ],
    [
      "Cloudflare's own of the prober",
      403,
      EDGE,
      "error code: 1020",
      undefined,
      { outcome: "blocked", stage: "response" },
    ],
    [
      "the target's own that looks like it",
      521,
      {},
      "error code: 521",
      undefined,
      { outcome: "app_error", detail: "status 521" },
    ],
    [
      "a bot challenge, whatever is expected",
      403,
      { "cf-mitigated": "challenge" },
      "no",
      { status: [403] },
      { outcome: "blocked" },
    ],
  ])("%s, is judged so, and let go of", async (_name, status, headers, text, wanted, expected) => {
    const { judge, isCancelled } = answer(status, headers, text);
    expect(await judge(wanted)).toMatchObject(expected);
    expect(isCancelled()).toBe(true);
  });

  test("is nobody's proxy where Cloudflare was asked by ourselves", async () => {
    const { judge } = answer(521, EDGE, "error code: 521", false);
    expect(await judge()).not.toHaveProperty("proxied");
  });
});
