import { abortAllDurableObjects, reset } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, expect, inject, test } from "vitest";
import { toInstant } from "../../src/domain/instant.ts";
import { Slot } from "../attack/slot.ts";
import { forget, put, reportOf, rpc } from "./scene.ts";
import "../provided.ts";
import { fallAfter, hasFallen } from "./worker.ts";

// An object that ends at any of its steps has done all that it acknowledged and nothing by halves.

/** A row written or an alarm set, counted from the beginning of a write and on through those that follow. */
const POINTS = Array.from({ length: 12 }, (_, point) => point + 1);
const SITE = "fra";

beforeEach(async () => {
  fallAfter(Infinity);
  await reset();
  forget();
  for (const target of ["stays-1", "stays-2"]) await put(SITE, target);
});

const ok = async (call: Promise<{ ok: boolean }>): Promise<{ status: number; text: string }> => ({
  status: (await call).ok ? 200 : 409,
  text: "",
});

const done = { ok: true };
const KINDS = {
  target: (value: string | null) =>
    value === null
      ? rpc().deleteTarget(SITE, "moves", null)
      : put(SITE, "moves", { url: `tcp://127.0.0.1:${value}` }).then(() => done),
  override: (value: string | null) =>
    value === null
      ? rpc().deleteOverride(SITE, "stays-1")
      : rpc().putOverride(SITE, "stays-1", { verdict: "alive", reason: value, ttlMs: 3_600_000 }),
  token: (value: string | null) =>
    value === null
      ? rpc().deleteToken("made")
      : rpc()
          .addToken(
            { id: "made", scope: "read", note: value, createdAt: toInstant(Date.now()) },
            `hash-${value}`,
          )
          .then(() => done),
  webhook: (value: string | null) =>
    value === null
      ? rpc()
          .deleteWebhook("ops")
          .then(() => done)
      : rpc()
          .putWebhook(
            "ops",
            { url: `https://a.example/${value}`, events: "all", disabled: true },
            "whsec_AAAA",
          )
          .then(() => done),
};
type Kind = keyof typeof KINDS;

const READS: Record<Kind, () => Promise<string | null>> = {
  target: async () => {
    const found = await rpc().getTarget(SITE, "moves");
    const url = found.ok ? (/:(\d+)$/.exec(found.value.answer.url)?.[1] ?? "") : null;
    const listed = await rpc().listTargets(SITE);
    expect(listed.ok && listed.value.some(({ target }) => target === "moves")).toBe(url !== null);
    // The judge knows what the catalogue knows.
    expect((await rpc().read(SITE, "moves")) !== null).toBe(url !== null);
    return url;
  },
  override: async () => {
    const text = (await rpc().read(SITE, "stays-1")) ?? "";
    return /"reason":"(\d+)"/.exec(text)?.[1] ?? null;
  },
  token: async () => {
    const [one] = await rpc().listTokens();
    if (one !== undefined) expect(await rpc().grant(`hash-${one.note}`)).toMatchObject({ scope: "read" });
    return one?.note ?? null;
  },
  webhook: async () => (await rpc().webhooks())[0]?.url.split("/").at(-1) ?? null,
};

/** The highest sequence of each, with a history that has every one. */
const sequences = async (): Promise<number[]> => {
  const found: number[] = [];
  for (const target of ["stays-1", "stays-2"]) {
    const history = await rpc().history(SITE, target, null, 100);
    const all = history.ok ? history.value.transitions.map(({ sequence }) => sequence) : [];
    expect(all).toEqual(all.map((_, at) => (all[0] ?? 0) - at));
    found.push(all[0] ?? 0);
  }
  return found;
};

const step = fc.record({
  kind: fc.constantFrom<Kind | "report">("target", "override", "token", "webhook", "report", "report"),
  value: fc.option(fc.integer({ min: 10_000, max: 60_000 }).map(String), { freq: 3 }),
});

const tell = async (nth: number, isFailing: boolean): Promise<void> => {
  const finding = isFailing ? { outcome: "app_error" as const, stage: "done" as const } : {};
  const vantage = ["weur", "enam", "apac-ne"][nth % 3] ?? "";
  const report = reportOf(vantage, [`${SITE}/stays-1`, `${SITE}/stays-2`], finding);
  // The one under which it falls is not answered.
  await rpc()
    .report([report])
    .catch(() => undefined);
};

/** Plays writes with a fall at the given point of one of them. */
const play = async (
  steps: { kind: Kind | "report"; value: string | null }[],
  at: number,
  point: number,
): Promise<void> => {
  const slots = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, new Slot(kind)])) as Record<
    Kind,
    Slot
  >;
  for (const [kind, slot] of Object.entries(slots)) slot.check(await READS[kind as Kind]());
  for (const [index, { kind, value }] of steps.entries()) {
    if (index === at) fallAfter(point);
    const before = index === at ? null : await sequences();
    if (kind === "report") {
      await tell(index, value !== null);
    } else {
      // What came of the last is read before another is asked for.
      if (!slots[kind].isSettled) slots[kind].check(await READS[kind]());
      await slots[kind].write(value, () => ok(KINDS[kind](value)));
    }
    if (before !== null)
      for (const [nth, sequence] of (await sequences()).entries())
        expect(sequence).toBeGreaterThanOrEqual(before[nth] ?? 0);
  }
  // Where these writes took fewer steps: each report takes one at least.
  for (let more = 0; !hasFallen() && more < point; more++) await tell(more, more % 2 === 0);
  expect(hasFallen()).toBe(true);
  fallAfter(Infinity);
  await abortAllDurableObjects();
  const faults: (string | null)[] = [];
  for (const [kind, slot] of Object.entries(slots)) faults.push(slot.check(await READS[kind as Kind]()));
  expect(faults.filter((fault) => fault !== null)).toEqual([]);
  await sequences();
};

test.each(POINTS)("falls at step %i of a write", async (point) => {
  const given = fc.tuple(fc.array(step, { minLength: 3, maxLength: 6 }), fc.nat(2));
  await fc.assert(
    fc.asyncProperty(given, ([steps, at]) => play(steps, at, point)),
    { numRuns: inject("crashSeeds") },
  );
});
