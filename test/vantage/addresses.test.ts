import { describe, expect, it } from "vitest";
import { resolverFor } from "../../src/resolve.ts";
import { Addresses } from "../../src/addresses.ts";

const TWO = ["192.0.2.1", "2001:db8::1"];

const open = (answer: () => Promise<string[]>) => {
  const asked: string[] = [];
  let now = 0;
  const addresses = new Addresses(
    (host) => {
      asked.push(host);
      return answer();
    },
    () => now,
  );
  const pass = (ms: number): void => {
    now += ms;
  };
  return { addresses, asked, pass };
};

describe("the addresses of a name", () => {
  it("are asked for once, kept for a while, and then asked for anew before they are gone by", async () => {
    let answer = TWO;
    const { addresses, asked, pass } = open(async () => answer);
    expect(await Promise.all([addresses.of("db.example"), addresses.of("db.example")])).toEqual([TWO, TWO]);
    pass(19_999);
    expect(await addresses.of("db.example")).toEqual(TWO);
    expect(asked).toHaveLength(1);
    pass(1);
    answer = ["192.0.2.9"];
    expect(await addresses.of("db.example")).toEqual(["192.0.2.9"]);
    expect(asked).toHaveLength(2);
  });

  it("are asked for anew once none of them has answered", async () => {
    const { addresses, asked } = open(async () => TWO);
    await addresses.of("db.example");
    addresses.doubt("db.example");
    addresses.doubt("never-asked.example");
    await addresses.of("db.example");
    expect(asked).toEqual(["db.example", "db.example"]);
  });

  it("stand while the name server is in trouble or silent, and are not known where it never answered", async () => {
    let answer = async (): Promise<string[]> => TWO;
    const { addresses, asked, pass } = open(() => answer());
    await addresses.of("db.example");
    answer = () => Promise.reject(new Error("no name server"));
    pass(60_000);
    expect(await addresses.of("db.example")).toEqual(TWO);
    expect(await addresses.of("other.example")).toBeUndefined();
    expect(await addresses.of("other.example")).toBeUndefined();
    expect(asked).toEqual(["db.example", "db.example", "other.example", "other.example"]);
    answer = () => new Promise(() => undefined);
    pass(60_000);
    expect(await addresses.of("db.example", 1)).toEqual(TWO);
    expect(await addresses.of("third.example", 1)).toBeUndefined();
  });

  it("are never asked for where there is nothing to ask: a literal address, or a private name of the public name servers", async () => {
    const { addresses, asked } = open(async () => TWO);
    expect(await addresses.of("192.0.2.1")).toEqual(["192.0.2.1"]);
    expect(await addresses.of("2001:db8::1")).toEqual(["2001:db8::1"]);
    expect(asked).toEqual([]);
    const resolve = resolverFor({ resolver: undefined, allowPrivate: true });
    expect(await resolve("localhost")).toEqual([]);
    expect(await resolve("db.internal")).toEqual([]);
  });
});
