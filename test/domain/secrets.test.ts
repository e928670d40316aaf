import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MASKED, masked, maskedSince, maskedUrl, secretsOf, unmasked } from "../../src/domain/secrets.ts";
import { EndpointUrlSchema } from "../../src/domain/target.ts";

const secret = fc.stringMatching(/^secret[a-z0-9%+;:*]{0,12}={0,2}$/);
const value = fc.oneof(secret, fc.constantFrom("", "1", "on", "***", "a=b"));
/** Query parameters with and without a name, repeated names, and nothing between two `&`. */
const part = fc.oneof(
  fc.tuple(fc.constantFrom("key", "k", "", "key[]", "%6b"), value).map(([name, text]) => `${name}=${text}`),
  value,
);
const url = fc
  .tuple(fc.constantFrom("http", "https"), fc.option(fc.array(part, { maxLength: 5 })))
  .map(([scheme, parts]) => `${scheme}://db-1.example/p${parts === null ? "" : `?${parts.join("&")}`}`);

const config = fc.record(
  {
    url,
    witness: fc.oneof(url, fc.constant("tcp://db-1.example:22")),
    headers: fc.dictionary(fc.stringMatching(/^x-[a-z!#*]{1,4}$/), value, { maxKeys: 3 }),
    expect: fc.record(
      { sends: secret, bodyIncludes: secret, status: fc.constant([200]) },
      { requiredKeys: [] },
    ),
    intervalMs: fc.constant(5_000),
  },
  { requiredKeys: ["url"] },
);

describe("the secrets of a target", () => {
  it("are the values of headers, what is sent and looked for, and values in queries", () => {
    const whole = {
      url: "https://a.example/x?key=s3cret&on=1&bare-s3cret",
      witness: "http://a.example/?key=s3cret",
      headers: { authorization: "Bearer s3cret", "x-empty": "" },
      expect: { sends: "AUTH s3cret\n", bodyIncludes: "ok", status: [200] },
    };
    expect(masked(whole)).toEqual({
      url: `https://a.example/x?key=${MASKED}&on=1&${MASKED}`,
      witness: `http://a.example/?key=${MASKED}`,
      headers: { authorization: MASKED, "x-empty": MASKED },
      expect: { sends: MASKED, bodyIncludes: MASKED, status: [200] },
    });
    expect(secretsOf(whole).size).toBe(7);
  });

  it.each([
    ["?c2VjcmV0Cg==", "?***"],
    ["?a==bc&a=", "?a=***&a="],
    ["?a=1;b=2#", "?a=***"],
    ["?q=%26what", "?q=***"],
  ])("are in the query %s, however it is written", (query, shown) => {
    expect(maskedUrl(`https://a.example/${query}`)).toBe(`https://a.example/${shown}`);
  });

  it.each([
    "dns://ns.example:53/a.example?type=AAAA",
    "https://a.example/x",
    "https://a.example/?",
    "tcp://a.example:22",
  ])("are not in %s", (text) => {
    expect(maskedUrl(text)).toBe(text);
  });

  it("come back to the letter where what is shown is sent back, and nothing of them is shown", () => {
    fc.assert(
      fc.property(config, (whole) => {
        const shown = masked(whole);
        expect(unmasked(shown, whole)).toEqual({ config: whole });
        expect(JSON.stringify(shown)).not.toContain("secret");
        expect(masked(shown)).toEqual(shown);
      }),
    );
  });

  it("are said to be others where they are, in the audit, and nowhere else", () => {
    fc.assert(
      fc.property(config, config, (now, before) => {
        const [own, other] = [secretsOf(now), secretsOf(before)];
        const marked = secretsOf(maskedSince(now, before));
        const places = [...marked].filter(([, text]) => text === "*** (changed)").map(([place]) => place);
        const changed = [...own].filter(([place, text]) => other.has(place) && other.get(place) !== text);
        expect(places).toEqual(changed.map(([place]) => place));
        expect(JSON.stringify(maskedSince(now, before))).not.toContain("secret");
        expect(maskedSince(now, now)).toEqual(masked(now));
      }),
    );
  });

  it("are masked in a URL that is still one, and no longer than it was", () => {
    fc.assert(
      fc.property(url, (text) => {
        expect(maskedUrl(text).length).toBeLessThanOrEqual(text.length);
        expect(EndpointUrlSchema.safeParse(maskedUrl(text)).success).toBe(true);
      }),
    );
  });

  it("stay with their parameter when others come, go or change places", () => {
    const stored = { url: "http://a.example/?a=first&a=second&b=third" };
    const put = (text: string) => unmasked({ url: `http://a.example/${text}` }, stored);
    expect(put("?b=***&c=new&a=***")).toEqual({
      config: { url: "http://a.example/?b=third&c=new&a=first" },
    });
    expect(put("?a=***&a=***&a=***")).toEqual({ lost: ["url"] });
    expect(put("?***")).toEqual({ lost: ["url"] });
  });

  it("go to no other place than they were given for: not by another scheme, nor to another host or port", () => {
    const place = fc.record({
      scheme: fc.constantFrom("http", "https"),
      host: fc.constantFrom("a.example", "b.example", "A.example"),
      port: fc.constantFrom("", ":80", ":443", ":8080"),
    });
    const urlOf = ({ scheme, host, port }: { scheme: string; host: string; port: string }, path: string) =>
      `${scheme}://${host}${port}/${path}`;
    const same = (one: string, other: string): boolean => new URL(one).origin === new URL(other).origin;
    fc.assert(
      fc.property(place, place, place, place, (url, witness, otherUrl, otherWitness) => {
        const stored = {
          url: urlOf(url, "?k=secret"),
          witness: urlOf(witness, "?k=secret"),
          headers: { "x-key": "secret" },
          expect: { sends: "secret" },
        };
        const shown = masked({
          ...stored,
          url: urlOf(otherUrl, "another?k=secret"),
          witness: urlOf(otherWitness, "?k=secret"),
        });
        const moved = [
          ...(same(shown.url, stored.url) ? [] : ["url"]),
          ...(same(shown.witness, stored.witness) ? [] : ["witness"]),
          ...(same(shown.url, stored.url) ? [] : ["headers.x-key", "expect.sends"]),
        ];
        const found = unmasked(shown, stored);
        if (moved.length > 0) expect(found).toEqual({ moved });
        else expect(found).toMatchObject({ config: { headers: stored.headers, expect: stored.expect } });
        // Secrets given anew need no stored value, so they may go to a new place.
        expect(
          unmasked({ url: shown.url.split("?")[0] ?? "", headers: { "x-key": "new" } }, stored),
        ).toHaveProperty("config");
      }),
    );
  });

  it("that a mask stands for and that are not there are named by their field", () => {
    const shown = {
      url: "http://a.example/?k=***",
      witness: "http://a.example/?k=***",
      headers: { "x-key": MASKED },
      expect: { bodyIncludes: MASKED },
    };
    for (const stored of [undefined, { url: "http://a.example/" }])
      expect(unmasked(shown, stored)).toEqual({
        lost: ["url", "witness", "headers.x-key", "expect.bodyIncludes"],
      });
  });
});
