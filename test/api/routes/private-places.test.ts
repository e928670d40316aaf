import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { DB1, problemIn, world } from "../world.ts";

const PUBLIC = ["93.184.215.14", "2606:4700::1111", "8.8.8.8"];
const SPECIAL_V4 = [
  [10],
  [127],
  [169, 254],
  [192, 168],
  [172, 16],
  [172, 31],
  [100, 64],
  [0],
  [224],
  [255],
].map((head) =>
  fc
    .array(fc.integer({ min: 0, max: 255 }), { minLength: 4 - head.length, maxLength: 4 - head.length })
    .map((rest) => [...head, ...rest]),
);
const V4 = fc.oneof(...SPECIAL_V4);
const hex = (octets: number[]): string => octets.map((octet) => octet.toString(16).padStart(2, "0")).join("");
const groups = (octets: number[]): string => `${hex(octets.slice(0, 2))}:${hex(octets.slice(2))}`;

/** The ways in which one IPv4 address may be written as the host of a URL. */
const NOTATIONS: ((octets: number[]) => string)[] = [
  (octets) => octets.join("."),
  (octets) => `${octets.join(".")}.`,
  (octets) => String(parseInt(hex(octets), 16)),
  (octets) => `0x${hex(octets)}`,
  (octets) => `0${parseInt(hex(octets), 16).toString(8)}`,
  (octets) => octets.map((octet) => `0x${octet.toString(16)}`).join("."),
  (octets) => octets.map((octet) => `0${octet.toString(8)}`).join("."),
  ([a = 0, b = 0, c = 0, d = 0]) => `${a}.${(b << 16) | (c << 8) | d}`,
  ([a = 0, b = 0, c = 0, d = 0]) => `${a}.${b}.${(c << 8) | d}`,
  (octets) => `[::ffff:${octets.join(".")}]`,
  (octets) => `[::ffff:${groups(octets)}]`,
  (octets) => `[0:0:0:0:0:FFFF:${groups(octets)}]`,
  (octets) => `[64:ff9b::${groups(octets)}]`,
  (octets) => `[2002:${groups(octets)}::]`,
  (octets) => octets.join(".").replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
];
const WRITTEN = fc.tuple(fc.constantFrom(...NOTATIONS), V4).map(([write, octets]) => write(octets));
const V6 = fc.constantFrom(
  "::1",
  "::",
  "fe80::1",
  "fc00::1",
  "fd12:3456::7",
  "ff02::1",
  "2001::7f00:1",
  "fec0::1",
);
const NAMES = fc.constantFrom(
  "localhost",
  "LOCALHOST",
  "a.localhost.",
  "db",
  "a.internal",
  "router.lan..",
  "x.home.arpa",
);

/** Addresses as a name server may return them: at least one private address, among public ones. */
const TOLD = fc
  .tuple(
    fc.oneof(
      V4.map((octets) => octets.join(".")),
      V6,
      V4.map((octets) => `::ffff:${octets.join(".")}`),
    ),
    fc.subarray(PUBLIC),
    fc.subarray(PUBLIC),
  )
  .map(([one, before, after]) => [...before, one, ...after]);

/** A host, and the addresses that name servers return for it. */
const PLACE = fc.oneof(
  fc
    .oneof(
      WRITTEN,
      V6.map((address) => `[${address}]`),
      NAMES,
    )
    .map((host) => ({ host, told: PUBLIC })),
  TOLD.map((told) => ({ host: "db.example", told })),
);

describe("where private places are not allowed", () => {
  it("3,000 of 3,000 of them, written or resolved to in any way, are taken nowhere", async () => {
    let tries = 0;
    const { send, aggregator } = world({ env: { ALLOW_PRIVATE: "false" }, resolve: async () => current });
    let current: string[] = [];
    const scheme = fc.constantFrom("http", "https", "tcp", "tls", "redis", "postgres");
    await fc.assert(
      fc.asyncProperty(
        PLACE,
        scheme,
        fc.constantFrom("url", "witness", "webhook"),
        async ({ host, told }, kind, field) => {
          tries += 1;
          current = told;
          const url = `${field === "webhook" ? "https" : kind}://${host}:8443`;
          const body = field === "witness" ? { url: "http://93.184.215.14/", witness: url } : { url };
          const answer = await send("PUT", field === "webhook" ? "/v1/webhooks/ops" : DB1, body);
          const problem = await problemIn(answer);
          expect([problem.status, problem.errors.map(({ path }) => path)]).toEqual([
            400,
            [field === "webhook" ? "url" : field],
          ]);
        },
      ),
      { numRuns: 3_000 },
    );
    expect(tries).toBe(3_000);
    expect(aggregator.calls.filter((call) => call.startsWith("put"))).toEqual([]);
  });

  it("what another library takes for private is what was tried", () => {
    fc.assert(
      fc.property(V4, (octets) => {
        expect(ipaddr.parse(octets.join(".")).range()).not.toBe("unicast");
      }),
    );
  });
});
