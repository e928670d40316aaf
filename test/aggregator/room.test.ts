import { reset, runInDurableObject } from "cloudflare:test";
import { beforeEach, expect, it } from "vitest";
import { toInstant } from "../../src/domain/instant.ts";
import type { Result } from "../../src/domain/problem.ts";
import { forget, put, rpc, shard } from "./scene.ts";

// Where a limit is used up by things that expire by themselves, a refusal gives the time until the first of them has expired.

const MINUTE_MS = 60_000;

beforeEach(async () => {
  await reset();
  forget();
});

const expectRoomWithinAMinute = (result: Result<unknown>): void => {
  expect(result).toMatchObject({ ok: false, refusal: { reason: "capacity" } });
  const { retryAfterMs = 0 } = result.ok ? {} : result.refusal;
  expect(retryAfterMs).toBeGreaterThan(0);
  expect(retryAfterMs).toBeLessThanOrEqual(MINUTE_MS);
};

it("a hundred drills are under way", async () => {
  await put("fra", "db-1");
  const drill = { site: "fra", fault: "hang" as const, durationMs: MINUTE_MS, live: false };
  const endsAt = Date.now() + MINUTE_MS;
  await runInDurableObject(shard(), (_object, state) => {
    for (let nth = 0; nth < 100; nth++) {
      const body = { ...drill, id: `drill-0-p${nth}`, startsAt: 1, endsAt: endsAt + nth * MINUTE_MS };
      state.storage.sql.exec("INSERT INTO drills VALUES (?, ?)", body.id, JSON.stringify(body));
    }
  });
  expectRoomWithinAMinute(await rpc().startDrill(drill));
});

it("four earlier texts of a token open the same", async () => {
  await rpc().addToken({ id: "t-1", scope: "read", createdAt: toInstant(Date.now()) }, "0");
  for (const nth of [1, 2, 3, 4]) await rpc().rotateToken("t-1", String(nth), nth * MINUTE_MS);
  expectRoomWithinAMinute(await rpc().rotateToken("t-1", "5", MINUTE_MS));
});
