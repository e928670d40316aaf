import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CoalescedReads } from "../../../src/api/aggregators/coalesced-reads.ts";
import { platformError, verdictOf } from "../fake.ts";
import { DB1, READ, world } from "../world.ts";

const log = vi.spyOn(console, "warn");
beforeEach(() => {
  log.mockReset().mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
});

const LIMIT_MS = 1_000;

/** Calls that the test counts and answers by hand, each with its number. */
const calls = () => {
  const answers: ((text?: string) => void)[] = [];
  const call = () =>
    new Promise<string>((resolve, reject) => {
      const number = answers.length;
      answers.push((text) => (text === undefined ? reject(new Error(`call ${number}`)) : resolve(text)));
    });
  return { answers, call };
};

describe("calls under way", () => {
  it("are shared by all who ask for the same, and by nobody who asks for something else", async () => {
    const flights = new CoalescedReads();
    const { answers, call } = calls();
    const same = Array.from({ length: 50 }, () => flights.share("a", LIMIT_MS, call));
    const other = flights.share("b", LIMIT_MS, call);
    expect(answers).toHaveLength(2);
    answers[0]?.("first");
    answers[1]?.("second");
    expect(new Set(await Promise.all(same))).toEqual(new Set(["first"]));
    expect(await other).toBe("second");
    expect(flights.size).toBe(0);
  });

  it("that have come back are nobody's: neither result nor error is kept", async () => {
    const flights = new CoalescedReads();
    const { answers, call } = calls();
    const failing = [1, 2].map(() => flights.share("a", LIMIT_MS, call));
    answers[0]?.();
    for (const failed of failing) await expect(failed).rejects.toThrow("call 0");
    const anew = flights.share("a", LIMIT_MS, call);
    answers[1]?.("well");
    expect(await anew).toBe("well");
    const again = flights.share("a", LIMIT_MS, call);
    answers[2]?.("better");
    expect(await again).toBe("better");
  });

  it("that never settle, for their client is gone, are asked again by those who joined, once for all", async () => {
    vi.useFakeTimers();
    const flights = new CoalescedReads();
    const { answers, call } = calls();
    void flights.share("a", LIMIT_MS, call).catch(() => {});
    const joined = Array.from({ length: 20 }, () => flights.share("a", LIMIT_MS, call));
    await vi.advanceTimersByTimeAsync(299);
    expect(answers).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(answers).toHaveLength(2);
    answers[1]?.("after all");
    await vi.advanceTimersByTimeAsync(1);
    expect(new Set(await Promise.all(joined))).toEqual(new Set(["after all"]));
  });

  it("hold nobody beyond their own deadline, and a silent aggregator is asked a few times at most", async () => {
    vi.useFakeTimers();
    const flights = new CoalescedReads();
    const { answers, call } = calls();
    const ends: Promise<number>[] = [];
    for (let asker = 0; asker < 20; asker++) {
      const began = Date.now();
      const ended = flights.share("a", LIMIT_MS, call).then(
        () => NaN,
        () => Date.now() - began,
      );
      ends.push(ended);
      await vi.advanceTimersByTimeAsync(50);
    }
    await vi.advanceTimersByTimeAsync(1_200);
    expect(new Set(await Promise.all(ends))).toEqual(new Set([LIMIT_MS]));
    expect(answers.length).toBeLessThanOrEqual(8);
  });

  it("are not joined when they are old, and the newer one is then shared", async () => {
    vi.useFakeTimers();
    const flights = new CoalescedReads();
    const { answers, call } = calls();
    const old = flights.share("a", LIMIT_MS, call);
    await vi.advanceTimersByTimeAsync(300);
    const newer = [1, 2].map(() => flights.share("a", LIMIT_MS, call));
    expect(answers).toHaveLength(2);
    answers[0]?.("old");
    expect(await old).toBe("old");
    // The end of the old call must not take the newer call off the list.
    newer.push(flights.share("a", LIMIT_MS, call));
    expect(answers).toHaveLength(2);
    answers[1]?.("newer");
    await vi.advanceTimersByTimeAsync(1);
    expect(await Promise.all(newer)).toEqual(["newer", "newer", "newer"]);
  });

  it("that were cancelled do not pile up", async () => {
    vi.useFakeTimers();
    const flights = new CoalescedReads();
    for (let key = 0; key < 1_600; key++) {
      void flights.share(`key-${key}`, 1, () => new Promise<never>(() => {})).catch(() => {});
      if (key % 100 === 0) await vi.advanceTimersByTimeAsync(100);
    }
    expect(flights.size).toBeLessThanOrEqual(1_000);
  });
});

describe("who has joined", () => {
  it("looks at once at first, then less often, and is answered soon after the call has come back", async () => {
    vi.useFakeTimers();
    for (const takesMs of [1, 5, 40, 250]) {
      const flights = new CoalescedReads();
      const began = Date.now();
      const call = async () => {
        await new Promise((resolve) => setTimeout(resolve, takesMs));
        return "result";
      };
      void flights.share("a", LIMIT_MS, call);
      const joined = flights.share("a", LIMIT_MS, call).then(() => Date.now() - began);
      await vi.advanceTimersByTimeAsync(LIMIT_MS);
      expect(await joined).toBeGreaterThanOrEqual(takesMs);
      expect(await joined).toBeLessThanOrEqual(2 * takesMs + 1);
      expect(await joined).toBeLessThanOrEqual(takesMs + 17);
    }
  });
});

describe("concurrent reads of one target", () => {
  const staged = (env = {}) => {
    const known = world({ env });
    known.aggregator.judge(verdictOf());
    const all = async (kinds: string[]) => {
      await known.document();
      const answers = kinds.map((kind) => known.ask(`${DB1}/${kind}`, { headers: READ }));
      return await Promise.all(answers);
    };
    return { ...known, all };
  };
  const twenty = (...kinds: string[]) => Array.from({ length: 20 }, () => kinds).flat();

  it("cost one call, whatever of /verdict and /up is asked", async () => {
    const { all, aggregator } = staged();
    const answers = await all(twenty("verdict", "up", "up?from=weur"));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(aggregator.calls).toEqual(["read"]);
  });

  it("that decide on avoiding or failing over are each a call of their own", async () => {
    const { all, aggregator } = staged();
    await all(twenty("verdict", "avoid", "failover"));
    expect(aggregator.calls).toHaveLength(1 + 40);
  });

  it("share a trouble while it lasts, and no longer", async () => {
    const { all, aggregator } = staged();
    aggregator.mood = () => Promise.reject(platformError());
    const troubled = await all(twenty("verdict"));
    expect(new Set(troubled.map(({ status }) => status))).toEqual(new Set([503]));
    expect(aggregator.calls).toHaveLength(1);
    aggregator.mood = async () => {};
    expect((await all(["verdict"]))[0]?.status).toBe(200);
  });

  it("of a target that is not there are 404 each", async () => {
    const { all, aggregator } = staged();
    aggregator.readings.clear();
    const answers = await all(twenty("verdict", "up"));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    expect(aggregator.calls).toEqual(["read"]);
  });
});

describe("an age allowed for /up", () => {
  const aged = async (ageMs: string) => {
    const known = world({ env: { UP_MAX_AGE_MS: ageMs } });
    known.aggregator.judge(verdictOf());
    const text = async (kind: string) => (await known.ask(`${DB1}/${kind}`, { headers: READ })).text();
    await text("up");
    known.aggregator.judge(verdictOf({ sequence: 43 }));
    return { ...known, text };
  };
  const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

  it("saves calls for so long and no longer, and none of the other reads is old", async () => {
    const { text, aggregator } = await aged("1000");
    expect(await text("up")).toContain("seq=42");
    expect(aggregator.calls).toEqual(["read"]);
    expect(await text("failover")).toContain("seq=43");
    // A verdict that another read has found serves too.
    expect(await text("up")).toContain("seq=43");
    aggregator.judge(verdictOf({ sequence: 44 }));
    for (const kind of ["avoid", "failover"]) expect(await text(kind)).toContain("seq=44");
    expect(JSON.parse(await text("verdict"))).toMatchObject({ sequence: 44 });
    aggregator.judge(verdictOf({ sequence: 45 }));
    expect(await text("up")).toContain("seq=44");
    later(1_001);
    expect(await text("up")).toContain("seq=45");
  });

  it("is none unless configured", async () => {
    // At a clock that stands still, a reading is 0 ms old.
    vi.setSystemTime(Date.now());
    const { text, aggregator } = await aged("0");
    expect(await text("up")).toContain("seq=43");
    expect(aggregator.calls).toEqual(["read", "read"]);
  });

  it("does not count from a clock that went back", async () => {
    const { text } = await aged("1000");
    later(-5_000);
    expect(await text("up")).toContain("seq=43");
  });
});
