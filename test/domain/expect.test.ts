import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectFlaws } from "../../src/domain/expect.ts";
import { controlExpect, kindOf, type Scheme, SCHEMES } from "../../src/domain/kinds.ts";

describe("what is expected of a target", () => {
  test.each<[Scheme, unknown, string, RegExp]>([
    ["http", { status: [99] }, "status.0", />=100/],
    ["http", { sends: "PING" }, "sends", /is for tcp targets only; a http target has status, bodyIncludes/],
    ["tcp", { status: [200] }, "status", /is for http or https targets only; a tcp target has sends or/],
    ["tcp", { body: "ok" }, "body", /is not a field of expect; a tcp target has/],
    ["tcp", { bodyIncludes: "" }, "bodyIncludes", />=1/],
    ["http", { certDays: 14 }, "certDays", /is for https or tls targets only/],
    ["tls", { certDays: 0 }, "certDays", />=1/],
    ["redis", { role: "master" }, "role", /"primary"\|"replica"/],
    ["dns", { rcode: "BOGUS" }, "rcode", /"NOERROR"\|"FORMERR"\|"SERVFAIL"\|"NXDOMAIN"/],
    ["dns", { rcode: "NXDOMAIN", answers: ["192.0.2.7"] }, "answers", /is for rcode NOERROR/],
    ["dns", { minTtl: -1 }, "minTtl", />=1/],
    ["dns", { status: [200] }, "status", /a dns target has rcode, answers or minTtl/],
    ["postgres", { role: "primary" }, "role", /cannot be told of a postgres target: .* logged in/],
    ["postgres", { status: [200] }, "status", /a postgres target has ready/],
  ])("of scheme %s cannot be %j: the field is named, and what would be right", (scheme, wish, path, why) => {
    const flaws = expectFlaws(scheme, wish);
    expect(flaws.map((flaw) => flaw.path.join("."))).toEqual([path]);
    expect(flaws[0]?.message).toMatch(why);
  });

  test.each(SCHEMES)("of scheme %s may be nothing, and never anything strange", (scheme) => {
    expect(expectFlaws(scheme, {})).toEqual([]);
    const wish = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
    fc.assert(
      fc.property(wish, (strange) => {
        const known = Object.keys(kindOf(scheme).expect.shape);
        if (Object.keys(strange).some((key) => !known.includes(key)))
          expect(expectFlaws(scheme, strange)).not.toEqual([]);
      }),
    );
  });

  test.each(SCHEMES)("of a control of scheme %s is something that it can be expected to answer", (scheme) => {
    expect(expectFlaws(scheme, controlExpect(`${scheme}://db.example:1`) ?? {})).toEqual([]);
  });
});
