import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { isLiteralAddress, isPrivateHost, parseEndpoint } from "../../src/domain/address.ts";

describe("parseEndpoint", () => {
  test.each<[string, string, string, number, string]>([
    ["http://db.example", "http", "db.example", 80, "http://db.example/"],
    ["http://db.example:80/", "http", "db.example", 80, "http://db.example/"],
    ["https://db.example/health?full=1", "https", "db.example", 443, "https://db.example/health?full=1"],
    ["https://db.example:8443", "https", "db.example", 8443, "https://db.example:8443/"],
    ["http://DB.Example:8080/A", "http", "db.example", 8080, "http://db.example:8080/A"],
    ["http://db.example./", "http", "db.example.", 80, "http://db.example./"],
    ["http://münchen.example/", "http", "xn--mnchen-3ya.example", 80, "http://xn--mnchen-3ya.example/"],
    ["http://192.0.2.7:9000", "http", "192.0.2.7", 9000, "http://192.0.2.7:9000/"],
    ["http://[2001:DB8::1]:9000/", "http", "2001:db8::1", 9000, "http://[2001:db8::1]:9000/"],
    ["redis://db.example", "redis", "db.example", 6379, "redis://db.example:6379"],
    ["postgres://db.example", "postgres", "db.example", 5432, "postgres://db.example:5432"],
    ["postgres://DB.example:80", "postgres", "db.example", 80, "postgres://db.example:80"],
    ["tls://[::1]:853", "tls", "::1", 853, "tls://[::1]:853"],
    ["dns://ns.example/DB.example.", "dns", "ns.example", 53, "dns://ns.example:53/db.example?type=A"],
    ["dns://ns.example/.", "dns", "ns.example", 53, "dns://ns.example:53/.?type=A"],
    ["dns://ns.example/.?type=ns", "dns", "ns.example", 53, "dns://ns.example:53/.?type=NS"],
    ["dns://[::1]:5353/_a.b?type=srv", "dns", "::1", 5353, "dns://[::1]:5353/_a.b?type=SRV"],
    ["tcp://db.example:5432", "tcp", "db.example", 5432, "tcp://db.example:5432"],
    ["tcp://db.example:5432/", "tcp", "db.example", 5432, "tcp://db.example:5432"],
    ["tcp://DB.example:80", "tcp", "db.example", 80, "tcp://db.example:80"],
    ["tcp://db.example:443", "tcp", "db.example", 443, "tcp://db.example:443"],
    ["tcp://db.example:0080", "tcp", "db.example", 80, "tcp://db.example:80"],
    ["tcp://[::1]:22", "tcp", "::1", 22, "tcp://[::1]:22"],
    ["tcp://0x7f.1:22", "tcp", "127.0.0.1", 22, "tcp://127.0.0.1:22"],
    ["http://2130706433/", "http", "127.0.0.1", 80, "http://127.0.0.1/"],
    ["http://127.0.0.1./", "http", "127.0.0.1", 80, "http://127.0.0.1/"],
    // The URL parser drops tabs and line breaks and takes a backslash for a slash. The port must be read in the same way.
    ["http://db.example:8\t1/", "http", "db.example", 81, "http://db.example:81/"],
    [
      "http://db.example:81\\@evil.example:82",
      "http",
      "db.example",
      81,
      "http://db.example:81/@evil.example:82",
    ],
    ["tcp://db.example:22\n", "tcp", "db.example", 22, "tcp://db.example:22"],
  ])("takes %j", (text, scheme, host, port, href) => {
    expect(parseEndpoint(text)).toEqual({ scheme, host, port, href });
  });

  test.each<[string, RegExp]>([
    ["", /must begin with/],
    ["db.example", /must begin with/],
    ["ftp://db.example", /must begin with/],
    ["file:///etc/passwd", /must begin with/],
    ["javascript:alert(1)", /must begin with/],
    ["http:db.example", /must begin with/],
    [" http://db.example", /must begin with/],
    ["http://", /not a valid URL: it names no host$/],
    ["http://:80", /not a valid URL: it names no host$/],
    ["http://db.example:70000", /not a valid URL; the port/],
    ["http://db.example:port", /not a valid URL; the port/],
    ["http://999.1.1.1/", /not a valid URL: its host looks like an IPv4 address and is none$/],
    ["http://a b/", /not a valid URL: its host holds a space$/],
    ["https://me@a b:70000/", /not a valid URL: its host holds a space$/],
    ["http://a|b/", /not a valid URL: its host is no name/],
    ["http://[::1", /not a valid URL: what is in brackets is no IPv6 address$/],
    ["http://[fe80::1%25eth0]/", /not a valid URL: what is in brackets/],
    ["tcp://db.example:65536", /not a valid URL; the port/],
    ["http://db.example:0", /port of 1 to 65535/],
    ["tcp://db.example:0", /port of 1 to 65535/],
    ["tcp://db.example", /port of 1 to 65535/],
    ["tcp://db.example:", /port of 1 to 65535/],
    ["tcp://[::1]", /port of 1 to 65535/],
    ["tcp://", /not a valid URL/],
    ["http://user@db.example", /user information: use headers/],
    ["http://user:secret@db.example", /user information/],
    ["tcp://user@db.example:22", /user information: no probe/],
    ["dns://ns.example/db.example?type=A&type=MX", /more than one type: .* \?type=A/],
    ["http://db.example/#part", /fragment/],
    ["tcp://db.example:22/path", /nothing more/],
    ["tls://db.example", /port of 1 to 65535/],
    ["dns://ns.example", /needs a name to ask for/],
    ["dns://ns.example/", /needs a name to ask for/],
    ["dns://ns.example/..", /needs a name to ask for/],
    ["dns://ns.example/?type=NS", /needs a name to ask for/],
    ["dns://ns.example/a..b", /needs a name to ask for/],
    ["dns://ns.example/grün.example", /in ASCII/],
    [`dns://ns.example/${"a".repeat(64)}.example`, /needs a name to ask for/],
    ["dns://ns.example/a.b/c", /needs a name to ask for/],
    ["dns://ns.example/a.b?type=ANY", /none of A, NS, CNAME/],
    ["dns://ns.example/a.b?class=CH", /parameter "class": there is type alone/],
    ["redis://db.example/0", /of scheme redis is redis:\/\/host:port and nothing more/],
    ["postgres://user@db.example", /user information: no probe of this kind logs in/],
    ["tcp://db.example:22?query", /nothing more/],
  ])("turns %j down and says why", (text, why) => {
    expect(parseEndpoint(text)).toMatch(why);
  });

  test("gives the same endpoint again for the canonical form of whatever it takes", () => {
    const text = fc.oneof(
      fc.webUrl({ withQueryParameters: true }),
      fc
        .tuple(fc.domain(), fc.integer({ min: 1, max: 65_535 }))
        .map(([host, port]) => `tcp://${host}:${port}`),
      fc
        .tuple(fc.ipV6(), fc.integer({ min: 1, max: 65_535 }))
        .map(([host, port]) => `tcp://[${host}]:${port}`),
      fc.string().map((tail) => `http://${tail}`),
      fc.string().map((tail) => `tcp://${tail}`),
      fc.tuple(fc.domain(), fc.domain()).map(([server, name]) => `dns://${server}/${name}?type=ns`),
      fc.string().map((tail) => `dns://ns.example/${tail}`),
    );
    fc.assert(
      fc.property(text, (given) => {
        const endpoint = parseEndpoint(given);
        if (typeof endpoint !== "string") expect(parseEndpoint(endpoint.href)).toEqual(endpoint);
      }),
    );
  });
});

describe("isPrivateHost", () => {
  test.each([
    "localhost",
    "localhost.",
    "db.localhost",
    "printer.local",
    "vault.internal",
    "vault.internal.",
    "nas.lan",
    "router.home.arpa",
    "db",
    "db.",
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fc00::1",
    "fdff::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "::ffff:7f00:1",
    "::ffff:a00:1",
    "::7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "100::1",
    "100:0:0:1::1",
    "5f00::1",
    "2001:0:1::1",
    "2001:2:0:1::1",
    "::ffff:0:7f00:1",
    "168.63.129.16",
    "192.88.99.1",
    "localhost..",
    "localhost.localdomain",
    "db.default.svc",
    "db.default.svc.",
    "vault.service.consul",
    "printer.corp",
  ])("%s is private", (host) => {
    expect(isPrivateHost(host)).toBe(true);
  });

  test.each([
    "db.example",
    "db.example.",
    "localhost.example.com",
    "internal.example.com",
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "168.63.129.15",
    "168.63.129.17",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2606:4700::1111",
    "2001:db8::1",
    "::ffff:101:101",
    "64:ff9b::808:808",
    "2002:808:808::1",
  ])("%s is public", (host) => {
    expect(isPrivateHost(host)).toBe(false);
  });

  test("judges an address the same in whatever form the URL parser was given it", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
        const hosts = [`http://${number}/`, `http://0x${number.toString(16)}/`, `http://[::ffff:${address}]/`]
          .map((text) => parseEndpoint(text))
          .map((endpoint) => (typeof endpoint === "string" ? endpoint : endpoint.host));
        for (const host of hosts) expect(isPrivateHost(host)).toBe(isPrivateHost(address));
      }),
    );
  });
});

/** Special blocks that hold nobody's private hosts, and one that leads to the address within. */
const HARMLESS: ReadonlySet<string> = new Set(["unicast", "as112", "as112v6", "amt"]);
const DOCUMENTATION = [
  ["192.0.2.0", 24],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["2001:db8::", 32],
  ["3fff::", 20],
] as const;

describe("an address that another library takes for special", () => {
  const isDocumentation = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
    DOCUMENTATION.some(([base, bits]) => {
      const block = ipaddr.parse(base);
      return block.kind() === address.kind() && address.match(block as never, bits);
    });
  const isSpecial = (text: string): boolean => {
    const address = ipaddr.process(text);
    return !HARMLESS.has(address.range()) && !isDocumentation(address);
  };
  const v6 = fc
    .tuple(
      fc.constantFrom(
        "",
        "fc00",
        "fe80",
        "ff02",
        "2001:0",
        "2001:2",
        "2002",
        "64:ff9b:1",
        "100",
        "100:0:0:1",
        "5f00",
        "2606:4700",
      ),
      fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 4 }),
    )
    .map(([head, groups]) => `${head}::${groups.map((group) => group.toString(16)).join(":")}`);

  test("is private as a name server may write it, the IPv4 address within in dots", () => {
    const dotted = fc
      .tuple(fc.constantFrom("::ffff:", "fe80::", "fd00::"), fc.ipV4())
      .map(([head, v4]) => `${head}${v4}`);
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), v6, dotted), (address) => {
        if (!ipaddr.isValid(address) || isSpecial(address)) expect(isPrivateHost(address)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
    fc.assert(
      fc.property(fc.constantFrom("::ffff:", "::ffff:0:", "64:ff9b::", "::"), fc.ipV4(), (head, v4) => {
        expect(isPrivateHost(`${head}${v4}`)).toBe(isPrivateHost(v4));
      }),
    );
    expect(isPrivateHost("fe80::1%eth0")).toBe(true);
    expect(isPrivateHost("::ffff:8.8.8.8")).toBe(false);
  });

  test("is private, in whatever form the URL parser was given it", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), v6), (address) => {
        const endpoint = parseEndpoint(address.includes(":") ? `tcp://[${address}]:1` : `tcp://${address}:1`);
        if (typeof endpoint === "string") return;
        if (isSpecial(endpoint.host)) expect(isPrivateHost(endpoint.host)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("isLiteralAddress", () => {
  test.each<[string, boolean]>([
    ["127.0.0.1", true],
    ["::1", true],
    ["2001:db8::1", true],
    ["db.example", false],
    ["1.2.3.4.example", false],
    ["db-1", false],
  ])("%s: %s", (host, expected) => {
    expect(isLiteralAddress(host)).toBe(expected);
  });
});
