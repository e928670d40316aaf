import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseEndpoint } from "../../src/domain/address.ts";
import { expectFlaws } from "../../src/domain/expect.ts";
import { controlExpect, probeKindOf, type Scheme, SCHEMES } from "../../src/domain/kinds.ts";

/** An endpoint of this scheme. */
const at = (scheme: Scheme) => {
  const endpoint = parseEndpoint(`${scheme}://db.example:1${scheme === "dns" ? "/db.example?type=A" : ""}`);
  if (typeof endpoint === "string") throw new Error(endpoint);
  return endpoint;
};

describe("what is expected of a target", () => {
  test.each<[Scheme, unknown, string, RegExp]>([
    ["http", { status: [99] }, "status.0", />=100/],
    ["http", { status: [200, 100] }, "status.1", /interim .*: 101, or 200 to 599/],
    ["https", { status: [103] }, "status.0", /interim/],
    ["http", { status: [204, 304], bodyIncludes: "ok" }, "bodyIncludes", /status 204 or 304 has no body/],
    ["https", { status: [204], bodyIncludes: "ok" }, "bodyIncludes", /has no body\. Leave it out/],
    ["http", { bodyIncludes: "ok\ud800" }, "bodyIncludes", /surrogate .* whole characters/],
    ["tcp", { sends: "\udc00" }, "sends", /surrogate/],
    ["http", { sends: "PING" }, "sends", /is for tcp targets only; a http target has status, bodyIncludes/],
    ["tcp", { status: [200] }, "status", /is for http or https targets only; a tcp target has sends or/],
    ["tcp", { body: "ok" }, "body", /is not a field of expect; a tcp target has/],
    ["tcp", { bodyIncludes: "" }, "bodyIncludes", />=1/],
    ["http", { certDays: 14 }, "certDays", /is for https or tls targets only/],
    ["tls", { certDays: 0 }, "certDays", />=1/],
    ["redis", { role: "master" }, "role", /"primary"\|"replica"/],
    ["dns", { rcode: "BOGUS" }, "rcode", /"NOERROR"\|"FORMERR"\|"SERVFAIL"\|"NXDOMAIN"/],
    ["dns", { rcode: "NXDOMAIN", answers: ["192.0.2.7"] }, "answers", /is for rcode NOERROR/],
    [
      "dns",
      { answers: ["192.0.2.7", "db.example"] },
      "answers.1",
      /type A, which is an IPv4 address: 192\.0\.2\.7/,
    ],
    ["dns", { minTtl: -1 }, "minTtl", />=1/],
    ["dns", { status: [200] }, "status", /a dns target has rcode, answers or minTtl/],
    ["postgres", { role: "primary" }, "role", /cannot be asked of a postgres target: .* logged in/],
    ["postgres", { status: [200] }, "status", /a postgres target has ready/],
  ])("of scheme %s cannot be %j: the field is named, and what would be right", (scheme, wish, path, why) => {
    const flaws = expectFlaws(at(scheme), wish);
    expect(flaws.map((flaw) => flaw.path.join("."))).toEqual([path]);
    expect(flaws[0]?.message).toMatch(why);
  });

  test("of HTTP may be a text, where one status of several has a body", () => {
    expect(expectFlaws(at("http"), { status: [200, 204], bodyIncludes: "ok" })).toEqual([]);
    expect(expectFlaws(at("http"), { status: [101, 204] })).toEqual([]);
  });

  test.each(SCHEMES)("of scheme %s may be nothing, and never anything strange", (scheme) => {
    expect(expectFlaws(at(scheme), {})).toEqual([]);
    const wish = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
    fc.assert(
      fc.property(wish, (strange) => {
        const known = Object.keys(probeKindOf(scheme).expect.shape);
        if (Object.keys(strange).some((key) => !known.includes(key)))
          expect(expectFlaws(at(scheme), strange)).not.toEqual([]);
      }),
    );
  });

  test.each<[string, string, boolean]>([
    ["A", "192.0.2.7", true],
    ["A", "2001:db8::7", false],
    ["A", "192.0.2.256", false],
    ["A", "192.0.2.7.", false],
    ["A", "192.0.2", false],
    ["AAAA", "2001:0DB8:0::7", true],
    ["AAAA", "::ffff:192.0.2.7", true],
    ["AAAA", "192.0.2.7", false],
    ["AAAA", ":::", false],
    ["CNAME", "DB.example.", true],
    ["CNAME", "10 mail.example", false],
    ["MX", "10 mail.example", true],
    ["MX", "mail.example", false],
    ["MX", "65535 mail.example", true],
    ["MX", "65536 mail.example", false],
    ["SRV", "0 5 65536 db.example", false],
    ["SOA", "ns.example a.example 4294967295 2 3 4 5", true],
    ["SOA", "ns.example a.example 4294967296 2 3 4 5", false],
    ["SRV", "0 5 5432 db.example.", true],
    ["SRV", "5432 db.example.", false],
    ["SOA", "ns.example a.example 1 2 3 4 5", true],
    ["SOA", "ns.example", false],
    ["TXT", "anything\nat all", true],
  ])("of type %s may be the answer %j: %s", (type, answer, isFine) => {
    const endpoint = { scheme: "dns", href: `dns://ns.example:53/db.example?type=${type}` } as const;
    expect(expectFlaws(endpoint, { answers: [answer] })).toHaveLength(isFine ? 0 : 1);
  });

  test.each(SCHEMES)("of a control of scheme %s is something that it can be expected to answer", (scheme) => {
    expect(expectFlaws(at(scheme), controlExpect(`${scheme}://db.example:1`) ?? {})).toEqual([]);
  });
});
