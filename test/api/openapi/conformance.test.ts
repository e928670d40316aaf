import { describe, expect, it } from "vitest";
import { Conformance, type Received } from "./conformance.ts";
import { verdictOf } from "../fake.ts";
import { DB1, world } from "../world.ts";

const PROBLEM = {
  type: "urn:parallax:problem:not-found",
  title: "There is no such thing",
  status: 404,
  detail: "no such path",
  errors: [],
};
const problemType = { "Content-Type": "application/problem+json" };
const etag = { ETag: '"1"', "Content-Type": "application/json" };

const problemsOf = async (
  received: Partial<Omit<Received, "headers">> & { headers?: Record<string, string> },
) =>
  new Conformance(await world().document()).problemsOf({
    method: "GET",
    path: `${DB1}/verdict`,
    status: 200,
    body: JSON.stringify(verdictOf()),
    ...received,
    headers: new Headers({ "X-Content-Type-Options": "nosniff", ...(received.headers ?? etag) }),
  });

describe("an answer held against the document", () => {
  it.each([
    ["as declared", {}],
    ["a problem as declared", { status: 404, headers: problemType, body: JSON.stringify(PROBLEM) }],
    [
      "a charset beside the type",
      { headers: { ...etag, "Content-Type": "application/json; charset=utf-8" } },
    ],
    ["HEAD, without a body", { method: "HEAD", body: "" }],
    ["304", { status: 304, headers: { ETag: '"1"' }, body: "" }],
    ["no such path", { path: "/v1/none", status: 404, headers: problemType, body: JSON.stringify(PROBLEM) }],
    [
      "no such method",
      {
        method: "PUT",
        status: 405,
        headers: { ...problemType, Allow: "GET" },
        body: JSON.stringify(PROBLEM),
      },
    ],
  ])("passes: %s", async (_, received) => {
    expect(await problemsOf(received)).toEqual([]);
  });

  it.each([
    ["a status that is not declared", { status: 418 }, "status 418 is not declared"],
    ["a missing field", { body: JSON.stringify({ ...verdictOf(), sequence: undefined }) }, "sequence"],
    ["a strange field", { body: JSON.stringify({ ...verdictOf(), colour: "red" }) }, "colour"],
    ["a field of a wrong kind", { body: JSON.stringify(verdictOf({ because: 7 as never })) }, "#/because"],
    [
      "a verdict that is none",
      { body: JSON.stringify(verdictOf({ verdict: "dead" as never })) },
      "#/verdict",
    ],
    ["an instant that is none", { body: JSON.stringify(verdictOf({ since: "now" })) }, "#/since"],
    ["what is not JSON", { body: "{" }, "not JSON"],
    ["another type", { headers: { ...etag, "Content-Type": "text/plain" } }, "text/plain is not declared"],
    ["no type", { headers: { ETag: '"1"' } }, "a body without a type"],
    ["nothing where there should be something", { headers: { ETag: '"1"' }, body: "" }, "no body"],
    ["a header missing", { headers: { "Content-Type": "application/json" } }, "header ETag is missing"],
    ["a path nobody declared", { path: "/v1/none" }, "no such call is declared"],
    ["a method nobody declared", { method: "PUT" }, "no such call is declared"],
    [
      "405 that does not say what is allowed",
      { method: "PUT", status: 405, headers: problemType, body: JSON.stringify(PROBLEM) },
      "405 without Allow",
    ],
    ["an answer that may be sniffed", { headers: { ...etag, "X-Content-Type-Options": "" } }, "nosniff"],
    [
      "a secret that may be stored",
      { headers: { ...etag, "Cache-Control": "private" }, body: JSON.stringify({ secret: "whsec_" }) },
      "stored on the way",
    ],
    ["a problem that is none", { status: 404, headers: problemType, body: '{"error":"?"}' }, "#"],
    ["a problem in the wrong type", { status: 404, body: JSON.stringify(PROBLEM) }, "is not declared"],
  ])("fails: %s", async (_, received, named) => {
    expect((await problemsOf(received)).join("\n")).toContain(named);
  });
});
