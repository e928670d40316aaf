import { afterEach, describe, expect, it, vi } from "vitest";
import { resolveAddresses } from "../../src/resolve.ts";

interface Answer {
  Status: number;
  Answer?: { name: string; type: number; TTL: number; data: string }[];
}

const record = (type: number, data: string) => ({ name: "db.example", type, TTL: 60, data });

/** The public name servers, as workerd asks them. */
const nameServers = (answers: Record<"A" | "AAAA", Answer | "trouble">): void => {
  vi.spyOn(globalThis, "fetch").mockImplementation(async (asked) => {
    const url = new URL(asked instanceof Request ? asked.url : asked);
    const answer = answers[url.searchParams.get("type") === "A" ? "A" : "AAAA"];
    if (answer === "trouble") return new Response(null, { status: 503 });
    return Response.json({ ...answer, Question: [{ name: "db.example", type: 1 }] });
  });
};

describe("the addresses of a name by the public name servers", () => {
  afterEach(() => vi.restoreAllMocks());

  it("are addresses alone, and not the names on the way to them", async () => {
    nameServers({
      A: { Status: 0, Answer: [record(5, "alias.example."), record(1, "192.0.2.1")] },
      AAAA: { Status: 0, Answer: [record(5, "alias.example."), record(28, "2001:db8::1")] },
    });
    expect(await resolveAddresses("db.example")).toEqual(["192.0.2.1", "2001:db8::1"]);
  });

  it("are none where there is no such name, and those of one family where there is none of the other", async () => {
    nameServers({ A: { Status: 3 }, AAAA: { Status: 3 } });
    expect(await resolveAddresses("db.example")).toEqual([]);
    nameServers({ A: { Status: 0, Answer: [record(1, "192.0.2.1")] }, AAAA: { Status: 0 } });
    expect(await resolveAddresses("db.example")).toEqual(["192.0.2.1"]);
  });

  it("are not told while either family's answer is missing: it may be the private one", async () => {
    nameServers({ A: { Status: 0, Answer: [record(1, "192.0.2.1")] }, AAAA: "trouble" });
    await expect(resolveAddresses("db.example")).rejects.toThrow();
  });
});
