import { abortAllDurableObjects, runDurableObjectAlarm } from "cloudflare:test";
import fc from "fast-check";
import { expect, vi } from "vitest";
import { toInstant } from "../../src/domain/instant.ts";
import type { Assignment, Report } from "../../src/domain/report.ts";
import type { TransitionData } from "../../src/domain/webhook.ts";
import { Slot } from "../../harness/attack/slot.ts";
import { Receiver } from "./receiver.ts";
import { put, REGIONS, reportOf, rpc, shard } from "./scene.ts";
import { fallAfter, handed, hasFallen } from "./worker.ts";

/** Writes to one shard that falls at one of them, and what must hold whenever the shard comes back. */

export const SITE = "fra";
const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
/** Longer than any drill of these courses. */
const DRILL_MAX_MS = 120_000;
/** Longer than all courses of a test together, each of which puts the clock forward. */
const LASTING_MS = 10_000_000_000;
const PAGE = 100;

let aheadMs = 0;
let receiver: Receiver;
/** The messages that reached the receiver, by id, and the id of each. */
const taken = new Map<string, string>();
const idOf = new Map<string, string>();
/** The last sequence of each target that a client which follows the events has received. */
const followed = new Map<string, number>();
let cursor: string | null = null;
/** For each vantage, the reports that the aggregator has not acknowledged to it, and the highest sequence that it has acknowledged. */
const outboxes = new Map<string, { waiting: Report[]; acknowledged: number }>();
/** Each test message for the webhook has a number of its own. */
let nth = 0;

/** Asks once, and once more where the object fell under the first call. It may fall under any call of the course, reads included. */
export const surely = async <T>(ask: () => Promise<T>): Promise<T> => {
  try {
    return await ask();
  } catch (error) {
    if (!hasFallen()) throw error;
    return await ask();
  }
};

/** Before each test, after a reset: a webhook that wants all events, and two targets. */
export const setOut = async (): Promise<void> => {
  const realNow = Date.now.bind(Date);
  vi.spyOn(Date, "now").mockImplementation(() => realNow() + aheadMs);
  receiver = new Receiver();
  for (const known of [taken, idOf, followed, outboxes, handed]) known.clear();
  const { next } = await rpc().transitionsAfter(null, PAGE);
  cursor = next;
  const told = { url: "https://told.example/", events: "all" as const, disabled: false };
  await rpc().putWebhook("told", told, SECRET);
  for (const target of ["stays-1", "stays-2"]) await put(SITE, target);
};

const pass = (ms: number): void => {
  aheadMs += ms;
};

const done = { ok: true };
const KINDS = {
  target: (value: string | null) =>
    value === null
      ? rpc().deleteTarget(SITE, "moves", null)
      : put(SITE, "moves", { url: `tcp://127.0.0.1:${value}` }).then(() => done),
  override: (value: string | null) =>
    value === null
      ? rpc().deleteOverride(SITE, "stays-1")
      : rpc().putOverride(SITE, "stays-1", { verdict: "alive", reason: value, ttlMs: LASTING_MS }),
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
          .putWebhook("ops", { url: `https://a.example/${value}`, events: "all", disabled: true }, SECRET)
          .then(() => done),
  /** A step that asks for the next drill while one is under way ends that one instead. */
  drill: async (value: string | null) => {
    const [running] = await rpc().listDrills(null);
    if (value !== null)
      return running === undefined
        ? rpc().startDrill({
            site: SITE,
            target: "stays-2",
            fault: "refuse",
            durationMs: Number(value),
            live: false,
          })
        : { ok: false };
    return running === undefined ? { ok: false } : rpc().stopDrill(running.id);
  },
};
type Kind = keyof typeof KINDS;
type StepKind = Kind | "report" | "alarm" | "ending";

const READS: Record<Kind, () => Promise<string | null>> = {
  target: async () => {
    const found = await rpc().getTarget(SITE, "moves");
    const url = found.ok ? (/:(\d+)$/.exec(found.value.answer.url)?.[1] ?? "") : null;
    const listed = await rpc().listTargets(SITE);
    expect(listed.ok && listed.value.some(({ target }) => target === "moves")).toBe(url !== null);
    // The judge must know the target exactly if the catalogue does.
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
  webhook: async () =>
    (await rpc().webhooks())
      .find(({ id }) => id === "ops")
      ?.url.split("/")
      .at(-1) ?? null,
  drill: async () => {
    const drills = await rpc().listDrills(null);
    expect(drills.length).toBeLessThan(2);
    return drills[0] === undefined ? null : String(drills[0].durationMs);
  },
};

/** The highest sequence of each target, whose history must have every sequence. */
const sequences = async (): Promise<number[]> => {
  const found: number[] = [];
  for (const target of ["stays-1", "stays-2"]) {
    const history = await rpc().history(SITE, target, null, PAGE);
    const all = history.ok ? history.value.transitions.map(({ sequence }) => sequence) : [];
    expect(all).toEqual(all.map((_, at) => (all[0] ?? 0) - at));
    found.push(all[0] ?? 0);
  }
  return found;
};

/** Reads on from where the last read ended: each transition of a target arrives once, in order. */
const follow = async (): Promise<void> => {
  for (let isEnd = false; !isEnd;) {
    const page = await surely(() => rpc().transitionsAfter(cursor, PAGE));
    expect(page.isGap).toBe(false);
    for (const { json } of page.events) {
      const { site, target, transition } = JSON.parse(json) as TransitionData;
      const key = `${site}/${target}`;
      // A target that is made anew begins with sequence 1 again.
      if (transition.sequence > 1 && followed.has(key))
        expect(transition.sequence).toBe((followed.get(key) ?? 0) + 1);
      followed.set(key, transition.sequence);
    }
    cursor = page.next;
    ({ isEnd } = page);
  }
};

/** Sends a vantage's next report. Reports that the aggregator has not acknowledged go before it, all of them again. */
const tell = async (turn: number, isFailing: boolean, begin = Date.now()): Promise<void> => {
  const finding = isFailing ? { outcome: "app_error" as const, stage: "done" as const } : {};
  const vantage = REGIONS[turn % REGIONS.length] ?? "";
  const outbox = outboxes.get(vantage) ?? { waiting: [], acknowledged: 0 };
  outboxes.set(vantage, outbox);
  outbox.waiting.push(reportOf(vantage, [`${SITE}/stays-1`, `${SITE}/stays-2`], finding, begin));
  // The call under which the object falls gets no answer.
  const reply = await rpc()
    .report(outbox.waiting)
    .catch(() => null);
  if (reply === null) return;
  expect(reply.acknowledged).toBeGreaterThanOrEqual(outbox.acknowledged);
  outbox.acknowledged = reply.acknowledged;
  outbox.waiting = outbox.waiting.filter(({ sequence }) => sequence > reply.acknowledged);
};

/** The answer to a vantage that works by an assignment of this version and has nothing to report. */
const inquire = (vantage: string, version: number) =>
  rpc().report([{ ...reportOf(vantage, []), sequence: 0, version }]);

/** Each vantage arrives at the assignment that holds, by the assignments handed to it and by the answer to its next report. */
const meetVantages = async (): Promise<void> => {
  const listed = await rpc().listTargets(SITE);
  const urls = listed.ok ? listed.value.map(({ target, url }) => `${target} ${url}`).toSorted() : [];
  const drills = (await rpc().listDrills(null)).map(({ id }) => id);
  const runs = ({ endsAt }: { endsAt: number }): boolean => endsAt > Date.now();
  for (const vantage of REGIONS) {
    const all = handed.get(`0/${vantage}`) ?? [];
    const holds = (await inquire(vantage, 0)).assignment as Assignment;
    const newest = all.reduce<Assignment | null>(
      (one, other) => (one === null || other.version >= one.version ? other : one),
      null,
    );
    // No vantage was handed a version that then was not kept.
    expect(newest?.version ?? 0).toBeLessThanOrEqual(holds.version);
    const works = (await inquire(vantage, newest?.version ?? 0)).assignment ?? newest;
    expect(works?.targets.map(({ target, url }) => `${target} ${url}`).toSorted()).toEqual(urls);
    expect(works?.drills.filter(runs).map(({ id }) => id)).toEqual(drills);
    expect((await inquire(vantage, 0)).acknowledged).toBeGreaterThanOrEqual(
      outboxes.get(vantage)?.acknowledged ?? 0,
    );
  }
};

/** Takes what reached the receiver meanwhile: no id carries two messages, and no transition comes under two ids. */
const open = (): void => {
  for (const { id, message } of receiver.requests.splice(0)) {
    const text = JSON.stringify(message);
    expect(taken.get(id) ?? text).toBe(text);
    taken.set(id, text);
    if (message.type !== "transition") continue;
    const { site, target, transition } = message.data;
    const what = `${site}/${target} ${transition.sequence} ${transition.at}`;
    expect(idOf.get(what) ?? id).toBe(id);
    idOf.set(what, id);
  }
};

/** In the end the webhook receives every transition, and none that the history does not have. */
const meetReceiver = async (): Promise<void> => {
  await runDurableObjectAlarm(shard());
  const waits = async () =>
    (await rpc().webhookCounts()).find(({ id }) => id === "told")?.pending ?? "no such webhook";
  await expect.poll(waits, { interval: 5 }).toBe(0);
  open();
  for (const target of ["stays-1", "stays-2"]) {
    const history = await rpc().history(SITE, target, null, PAGE);
    const kept = history.ok ? history.value.transitions : [];
    for (const { sequence, at } of kept)
      expect([...idOf.keys()]).toContain(`${SITE}/${target} ${sequence} ${at}`);
    for (const what of idOf.keys()) {
      const [key, sequence] = what.split(" ");
      if (key !== `${SITE}/${target}`) continue;
      expect(Number(sequence)).toBeLessThanOrEqual(kept[0]?.sequence ?? 0);
      const same = kept.find((one) => one.sequence === Number(sequence));
      if (same !== undefined) expect(`${key} ${sequence} ${same.at}`).toBe(what);
    }
  }
};

interface CourseStep {
  kind: StepKind;
  value: string | null;
}

const step: fc.Arbitrary<CourseStep> = fc.record({
  kind: fc.constantFrom<StepKind>(
    "target",
    "override",
    "token",
    "webhook",
    "drill",
    "ending",
    "report",
    "report",
    "alarm",
  ),
  value: fc.option(fc.integer({ min: 10_000, max: 60_000 }).map(String), { freq: 3 }),
});

/** Steps, and the index of the step at which the object falls. */
export const course = fc.tuple(fc.array(step, { minLength: 3, maxLength: 6 }), fc.nat(2));

type Slots = Record<Kind, Slot>;

const take = async (slots: Slots, index: number, { kind, value }: CourseStep): Promise<void> => {
  if (kind === "report") return tell(index, value !== null);
  if (kind === "alarm") return void (await runDurableObjectAlarm(shard()).catch(() => false));
  const slot = slots[kind === "ending" ? "drill" : kind];
  // Reads the result of the last write before the next write of the same kind.
  if (!slot.isSettled)
    expect(slot.check(await surely(() => READS[kind === "ending" ? "drill" : kind]()))).toBeNull();
  if (kind === "ending") {
    pass(DRILL_MAX_MS);
    slot.known = null;
    return;
  }
  await slot.write(value, async () => ({ status: (await KINDS[kind](value)).ok ? 200 : 409, text: "" }));
};

/** Calls that together cause every kind of call, message and answer. */
const PROVOCATION: CourseStep[] = [
  { kind: "ending", value: null },
  { kind: "drill", value: "20000" },
  { kind: "drill", value: null },
  { kind: "target", value: "60001" },
  { kind: "target", value: "60002" },
];

const provoke = async (slots: Slots): Promise<void> => {
  nth += 1;
  for (const step of PROVOCATION) if (!hasFallen()) await take(slots, 0, step);
  const works = [
    () => rpc().testWebhook("told", String(nth)),
    () => tell(0, false),
    () => tell(1, false),
    () => tell(2, false),
    () => tell(3, true),
  ];
  for (const work of works) if (!hasFallen()) await work().catch(() => undefined);
  await expect.poll(() => receiver.underWay).toBe(0);
};

/** The most further rounds that a course plays where its own steps were too few for the object to fall: reports, or all kinds of calls. */
const MORE = 12;
export const reporting = (_slots: Slots, more: number): Promise<void> => tell(more, more % 2 === 0);

/** Plays steps. `arm` is called before one of them and makes the object fall; then the object comes back, and everything must hold. */
export const play = async (
  steps: CourseStep[],
  at: number,
  arm: () => void,
  goOn: (slots: Slots, more: number) => Promise<void> = provoke,
): Promise<void> => {
  const slots = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, new Slot(kind)])) as Slots;
  const check = async (): Promise<(string | null)[]> => {
    const faults: (string | null)[] = [];
    for (const [kind, slot] of Object.entries(slots)) faults.push(slot.check(await READS[kind as Kind]()));
    return faults.filter((fault) => fault !== null);
  };
  pass(DRILL_MAX_MS);
  await check();
  for (const [index, one] of steps.entries()) {
    if (index === at) arm();
    const before = index === at ? null : await surely(sequences);
    await take(slots, index, one);
    if (before !== null)
      for (const [target, sequence] of (await surely(sequences)).entries())
        expect(sequence).toBeGreaterThanOrEqual(before[target] ?? 0);
    await follow();
  }
  for (let more = 0; !hasFallen() && more < MORE; more++) await goOn(slots, more);
  expect(hasFallen()).toBe(true);
  fallAfter(Infinity);
  await abortAllDurableObjects();
  expect(await check()).toEqual([]);
  await sequences();
  await follow();
  await meetVantages();
  await meetReceiver();
};
