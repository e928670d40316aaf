import { abortAllDurableObjects, reset } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ShardSnapshot } from "../../src/domain/snapshot.ts";
import { MAX_MUTES, MUTE_MAX_MS, type MuteRequest } from "../../src/domain/mute.ts";
import { toInstant } from "../../src/domain/instant.ts";
import type { VerdictAnswer } from "../../src/domain/verdict.ts";
import type { TransitionData } from "../../src/domain/webhook.ts";
import { answerOf, forget, goBackBefore, put, reportAll, rpc } from "./scene.ts";

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 10, 22, 18, 30);
const REFUSED = { outcome: "refused", stage: "connect", totalMs: 2 } as const;

/** The time that the clock shows. */
let now = NOW;
beforeEach(async () => {
  now = NOW;
  vi.spyOn(Date, "now").mockImplementation(() => now);
  await reset();
  forget();
  await put("fra", "db-1");
  await put("fra", "db-2");
});
afterEach(() => vi.restoreAllMocks());

const mute = (id: string, changes: Partial<MuteRequest> = {}) =>
  rpc().putMute(id, { site: "fra", until: toInstant(now + HOUR_MS), reason: "works", ...changes });
const mutedBy = async (target: string): Promise<string | null> =>
  (await answerOf("fra", target)).muted?.id ?? null;
const ids = async (): Promise<string[]> => (await rpc().listMutes()).map(({ id }) => id);

describe("a mute", () => {
  it("of a target stands in its verdict and in the list of all, of no other, and after a restart", async () => {
    expect(await mute("m", { target: "db-1" })).toMatchObject({
      value: { created: true, mute: { id: "m", site: "fra", target: "db-1", reason: "works" } },
    });
    for (const again of [() => Promise.resolve(), abortAllDurableObjects]) {
      await again();
      const shown = { id: "m", until: toInstant(now + HOUR_MS), reason: "works" };
      expect((await answerOf("fra", "db-1")).muted).toEqual(shown);
      expect((await answerOf("fra", "db-2")).muted).toBeNull();
      const { targets } = JSON.parse(await rpc().census(null)) as ShardSnapshot;
      expect(targets.map(({ verdict }) => verdict.muted)).toEqual([shown, null]);
      expect(await ids()).toEqual(["m"]);
    }
  });

  it("of a site holds for every target of it, those that come later too, and for no site of a like name", async () => {
    await put("fra-2", "db-1");
    await mute("m", { target: null });
    await put("fra", "db-3");
    expect([await mutedBy("db-1"), await mutedBy("db-2"), await mutedBy("db-3")]).toEqual(["m", "m", "m"]);
    expect((await answerOf("fra-2", "db-1")).muted).toBeNull();
  });

  it("ends by itself, at its instant, and is forgotten", async () => {
    await mute("m");
    const etag = async () => (await rpc().read("fra", "db-1"))?.split("\n")[0];
    const before = await etag();
    now += HOUR_MS - 1;
    expect([await mutedBy("db-1"), await ids()]).toEqual(["m", ["m"]]);
    now += 1;
    expect([await mutedBy("db-1"), await ids()]).toEqual([null, []]);
    expect(await etag()).not.toBe(before);
    expect(await rpc().deleteMute("m")).toMatchObject({ refusal: { reason: "not-found", path: "id" } });
    // The id is free again, for another site as well.
    await put("ams", "db-1");
    expect(await mute("m", { site: "ams" })).toMatchObject({ value: { created: true } });
  });

  it("is ended, and is replaced by one with its id", async () => {
    await mute("m", { target: "db-1" });
    expect(await mute("m", { target: "db-2" })).toMatchObject({ value: { created: false } });
    expect([await mutedBy("db-1"), await mutedBy("db-2")]).toEqual([null, "m"]);
    expect(await rpc().deleteMute("m")).toMatchObject({ ok: true });
    expect([await mutedBy("db-2"), await ids()]).toEqual([null, []]);
    await abortAllDurableObjects();
    expect(await ids()).toEqual([]);
  });

  it("that ends last is shown where several hold", async () => {
    await mute("short", { target: "db-1" });
    await mute("long", { until: toInstant(now + 2 * HOUR_MS) });
    expect(await mutedBy("db-1")).toBe("long");
    await rpc().deleteMute("long");
    expect(await mutedBy("db-1")).toBe("short");
  });

  it("outlives its target, and holds for one of the same name", async () => {
    await mute("m", { target: "db-1" });
    await rpc().deleteTarget("fra", "db-1", null);
    expect(await ids()).toEqual(["m"]);
    await put("fra", "db-1");
    expect(await mutedBy("db-1")).toBe("m");
  });

  it.each<[string, Partial<MuteRequest>, object]>([
    ["an unknown site", { site: "ams" }, { reason: "not-found", path: "site" }],
    ["an unknown target", { target: "db-9" }, { reason: "not-found", path: "target" }],
    ["an instant that is past", { until: toInstant(NOW - 1) }, { reason: "invalid", path: "until" }],
    ["this very instant", { until: toInstant(NOW) }, { reason: "invalid", path: "until" }],
    [
      "an instant too far ahead",
      { until: toInstant(NOW + MUTE_MAX_MS + 1) },
      { reason: "invalid", path: "until" },
    ],
  ])("is refused for %s, which the refusal names", async (_, changes, refusal) => {
    expect(await mute("m", changes)).toMatchObject({ ok: false, refusal });
    expect(await ids()).toEqual([]);
  });

  it("may lie seven days ahead, and in whatever offset", async () => {
    expect(await mute("m", { until: toInstant(NOW + MUTE_MAX_MS) })).toMatchObject({ ok: true });
    expect(await mute("n", { until: "2026-11-22T21:00:00+02:00" })).toMatchObject({
      value: { mute: { until: "2026-11-22T19:00:00.000Z" } },
    });
  });

  it("stays with its site, and there are no more than so many", async () => {
    await put("ams", "db-1");
    for (let number = 0; number < MAX_MUTES; number++) await mute(`m-${number}`);
    expect(await mute("m-0", { site: "ams" })).toMatchObject({
      refusal: { reason: "conflict", path: "site" },
    });
    expect(await mute("one-more")).toMatchObject({ refusal: { reason: "capacity" } });
    expect(await mute("m-0", { target: "db-1" })).toMatchObject({ ok: true });
    now += HOUR_MS;
    expect(await mute("one-more")).toMatchObject({ ok: true });
    expect(await ids()).toEqual(["one-more"]);
  });

  it("is kept in a storage of before", async () => {
    await goBackBefore("mutes");
    await abortAllDurableObjects();
    await mute("m");
    await abortAllDurableObjects();
    expect(await ids()).toEqual(["m"]);
  });

  it("of a clock that was wrong ends with it; one of an instant that may be stays", async () => {
    now = NOW + 30 * 24 * HOUR_MS;
    await mute("wrong");
    await mute("near", { until: toInstant(now + 1) });
    await reportAll(["fra/db-1"]);
    now -= 2 * HOUR_MS;
    expect(await ids()).toEqual(["near", "wrong"]);
    now = NOW;
    expect(await ids()).toEqual([]);
    await abortAllDurableObjects();
    expect(await ids()).toEqual([]);
  });
});

/** The transitions of targets that were published since the beginning. */
const told = async (): Promise<TransitionData[]> =>
  (await rpc().transitionsAfter("1.0", 1_000)).events.map(({ json }) => JSON.parse(json) as TransitionData);

describe("what is told", () => {
  it("carries the mute that held at the time, whatever holds when it is read", async () => {
    await reportAll(["fra/db-1", "fra/db-2"]);
    const { length } = await told();
    await mute("m", { target: "db-1" });
    now += 30_000;
    for (const target of ["db-1", "db-2"])
      await rpc().putOverride("fra", target, { verdict: "gray", reason: "works", ttlMs: HOUR_MS });
    await rpc().deleteMute("m");
    const shown = { id: "m", until: toInstant(NOW + HOUR_MS), reason: "works" };
    const after = (await told()).slice(length);
    expect(after.map(({ target, muted }) => [target, muted])).toEqual([
      ["db-1", shown],
      ["db-2", null],
    ]);
    await abortAllDurableObjects();
    expect((await told()).slice(length)).toEqual(after);
  });
});

it("changes nothing that is judged: with any mutes there are the same verdicts, advice and transitions", async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("look" as const), isOk: fc.boolean(), both: fc.boolean() }),
    fc.record({
      kind: fc.constant("mute" as const),
      id: fc.constantFrom("a", "b"),
      target: fc.constantFrom("db-1", "db-2", null),
      forMs: fc.constantFrom(7_000, HOUR_MS),
    }),
    fc.record({ kind: fc.constant("unmute" as const), id: fc.constantFrom("a", "b") }),
    fc.record({ kind: fc.constant("restart" as const) }),
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  const act = async (one: Step, mutes: boolean): Promise<void> => {
    if (one.kind === "look")
      await reportAll(one.both ? ["fra/db-1", "fra/db-2"] : ["fra/db-1"], {
        begin: now,
        ...(one.isOk ? {} : REFUSED),
      });
    else if (one.kind === "restart") await abortAllDurableObjects();
    else if (mutes && one.kind === "mute")
      await mute(one.id, { target: one.target, until: toInstant(now + one.forMs) });
    else if (mutes && one.kind === "unmute") await rpc().deleteMute(one.id);
  };

  const play = async (steps: Step[], mutes: boolean) => {
    await reset();
    forget();
    now = NOW;
    await put("fra", "db-1");
    await put("fra", "db-2");
    const answers: VerdictAnswer[] = [];
    for (const one of steps) {
      now += 5_000;
      await act(one, mutes);
      for (const target of ["db-1", "db-2"])
        answers.push({ ...(await answerOf("fra", target)), muted: null });
    }
    return { answers, told: (await told()).map((data) => ({ ...data, muted: null })) };
  };

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      expect(await play(steps, true)).toEqual(await play(steps, false));
    }),
    { numRuns: 8 },
  );
});
