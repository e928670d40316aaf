import { describe, expect, it } from "vitest";
import { ADMIN, DB1, problemIn, world } from "./world.ts";

const http = "http://127.0.0.1:9001/health";
const tcp = "tcp://127.0.0.1:1";
const dns = "dns://127.0.0.1/db.example";

describe("what is expected of a target", () => {
  it.each<[string, unknown, string, RegExp]>([
    [http, { status: [200, 99] }, "expect.status.1", /must be at least 100/],
    [http, { status: 200 }, "expect.status", /must be a list/],
    [http, { sends: "PING" }, "expect.sends", /is for tcp targets only/],
    [http, { complete: "yes" }, "expect.complete", /must be true or false/],
    [http, { fresh: 1 }, "expect.fresh", /must be true or false/],
    [http, { bodyIncludes: "" }, "expect.bodyIncludes", /must have at least 1 character/],
    [http, { body: "ok" }, "expect.body", /a http target has status, bodyIncludes/],
    [http, { certDays: 14 }, "expect.certDays", /is for https or tls targets only/],
    [http, ["ok"], "expect", /must be an object/],
    [tcp, { fresh: true }, "expect.fresh", /is for http or https targets only/],
    [tcp, { complete: true }, "expect.complete", /is for http or https targets only/],
    [tcp, { status: [200] }, "expect.status", /a tcp target has sends or bodyIncludes/],
    [dns, { rcode: "NOHOST" }, "expect.rcode", /"NXDOMAIN"/],
    [dns, { rcode: "NXDOMAIN", answers: ["192.0.2.7"] }, "expect.answers", /is for rcode NOERROR/],
    ["postgres://127.0.0.1", { role: "primary" }, "expect.role", /logged in/],
    ["redis://127.0.0.1", { role: "leader" }, "expect.role", /one of "primary", "replica"/],
  ])("of %s cannot be %j: 400, the field named, and what would be right", async (url, wish, path, why) => {
    const answer = await world().ask(DB1, {
      method: "PUT",
      headers: { ...ADMIN, "Content-Type": "application/json" },
      body: JSON.stringify({ url, expect: wish }),
    });
    const problem = await problemIn(answer);
    expect(problem).toMatchObject({ status: 400, type: "urn:parallax:problem:validation" });
    expect(problem.errors).toEqual([{ path, message: expect.stringMatching(why) }]);
  });

  it.each([
    ["https://127.0.0.1/", { certDays: 14, status: [200] }],
    ["tls://127.0.0.1:853", { certDays: 14 }],
    [`${dns}?type=MX`, { answers: ["10 mail.example"], minTtl: 60 }],
    ["postgres://127.0.0.1", {}],
    ["redis://127.0.0.1", { role: "primary" }],
  ])("of %s may be %j, and is shown as it was put", async (url, wish) => {
    const answer = await world().ask(DB1, {
      method: "PUT",
      headers: { ...ADMIN, "Content-Type": "application/json" },
      body: JSON.stringify({ url, expect: wish }),
    });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ url, expect: wish });
  });
});
