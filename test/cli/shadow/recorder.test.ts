import fc from "fast-check";
import { expect, it } from "vitest";
import type { Entry } from "../../../src/cli/shadow/shadow-journal.ts";
import { Recorder } from "../../../src/cli/shadow/recorder.ts";
import { type LaneRecording, recordingOf, type Spell } from "../../../src/cli/shadow/report/report-lanes.ts";
import type { Line } from "../../../src/domain/shadow-journal-lines.ts";
import { verdictNow } from "../fake-detector.ts";
import { runs } from "../../runs.ts";
import { T0 } from "./tape.ts";

const NAMES = ["db-1", "db-2"];

type Act =
  | { kind: "poll"; ups: (boolean | null | undefined)[] }
  | { kind: "silent" }
  | { kind: "ready" }
  | { kind: "event"; target: number; routing: "serve" | "avoid" }
  | { kind: "lost"; isEnd: boolean };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant("poll" as const),
    ups: fc.array(fc.constantFrom(true, false, null, undefined), { minLength: 2, maxLength: 2 }),
  }),
  fc.constant<Act>({ kind: "silent" }),
  fc.constant<Act>({ kind: "ready" }),
  fc.record({
    kind: fc.constant("event" as const),
    target: fc.nat({ max: 1 }),
    routing: fc.constantFrom("serve" as const, "avoid" as const),
  }),
  fc.record({ kind: fc.constant("lost" as const), isEnd: fc.boolean() }),
);

/** A detector and a checker, as far as a recorder learns of them. */
class Scene {
  readonly recorder = new Recorder({ map: new Map(), site: undefined });
  readonly #verdicts = NAMES.map((name) => verdictNow("fra", name));
  #sequence = 100;
  #isLost = true;

  play(one: Act): Entry[] {
    switch (one.kind) {
      case "poll":
        return this.recorder.polled(
          NAMES.map((name, index) => ({ name, site: undefined, target: name, up: one.ups[index] })),
        );
      case "silent":
        return this.recorder.silent("no answer");
      case "ready":
        this.#isLost = false;
        return this.recorder.verdicts("r", this.#verdicts);
      case "lost":
        this.#isLost = true;
        return this.recorder.lost("no answer", one.isEnd);
      case "event": {
        const before = this.#verdicts[one.target];
        if (before === undefined) return [];
        const advice = { ...before.advice, routing: one.routing };
        const after = { ...before, advice, sequence: this.#sequence++ };
        this.#verdicts[one.target] = after;
        // While the stream is broken, the recorder receives no events.
        if (this.#isLost) return [];
        const { site, target, sequence, since: at, rule, confirmed, confidence, because } = after;
        const from = "alive" as const;
        const said = { sequence, at, from, to: from, rule, confirmed, confidence, because, advice };
        return this.recorder.event("e", {
          site,
          target,
          transition: { ...said, evidence: [] },
          drill: null,
          muted: null,
        });
      }
    }
  }
}

const timed = (entries: readonly Entry[], at: number): Line[] =>
  entries.map((entry) => ({ ...entry, run: 1, at }) as Line);
const HEAD: Line = { kind: "shadow", version: 1, at: T0, checker: "kuma", everyMs: 1_000 };

const clipped = (lane: readonly Spell[] | undefined, from: number): Spell[] =>
  (lane ?? []).filter(({ to }) => to > from).map((spell) => ({ ...spell, from: Math.max(from, spell.from) }));

const lanesFrom = ({ other, parallax, names }: LaneRecording, from: number) =>
  [...names.keys()].map((target) => [
    target,
    clipped(other.lanes.get(target), from),
    clipped(parallax.lanes.get(target), from),
  ]);

/** The file becomes full while the recorder opens the stream anew. */
const RENEWED: Act[] = [
  { kind: "event", target: 0, routing: "serve" },
  { kind: "lost", isEnd: true },
  { kind: "ready" },
];

const POLL: Act = { kind: "poll", ups: [true, true] };
it.each([
  ["the detector", [{ kind: "silent" }, { kind: "ready" }], POLL],
  ["the checker", [{ kind: "lost", isEnd: false }, POLL], { kind: "ready" }],
] as [string, Act[], Act][])(
  "writes which name stands for which target once %s is not alone",
  (_, alone, other) => {
    const scene = new Scene();
    const first = alone.flatMap((one) => scene.play(one));
    expect([...first, ...scene.recorder.forget()].map(({ kind }) => kind)).not.toContain("pairs");
    expect(scene.play(other)[0]).toMatchObject({
      kind: "pairs",
      pairs: { "db-1": "fra/db-1", "db-2": "fra/db-2" },
    });
  },
);

it("writes the newest verdict of a target whose name comes after it", () => {
  const scene = new Scene();
  scene.play({ kind: "ready" });
  expect(scene.play({ kind: "event", target: 0, routing: "avoid" })).toEqual([]);
  expect(scene.play(POLL)).toContainEqual(
    expect.objectContaining({
      kind: "verdicts",
      verdicts: expect.arrayContaining([expect.objectContaining({ target: "fra/db-1", routing: "avoid" })]),
    }),
  );
});

it("a new file alone tells all that the whole journal tells of its time", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), fc.nat({ max: 30 }), (acts, cut) => {
      const scene = new Scene();
      const first = timed(
        [...scene.play({ kind: "poll", ups: [true, true] }), ...scene.play({ kind: "ready" })],
        T0,
      );
      const [all, half]: [Line[], Line[]] = [[HEAD, ...first], [HEAD]];
      const turnAt = T0 + Math.min(cut, acts.length) * 1_000;
      for (const [index, one] of [...acts, undefined].entries()) {
        const at = T0 + index * 1_000;
        if (at === turnAt) {
          const anew = timed(scene.recorder.forget(), at);
          half.push(...anew);
        }
        if (one === undefined) continue;
        const lines = timed(scene.play(one), at + 500);
        all.push(...lines);
        if (at >= turnAt) half.push(...lines);
      }
      const end: Line = { kind: "beat", run: 1, at: T0 + 100_000 };
      const [whole, part] = [recordingOf([...all, end]), recordingOf([...half, end])];
      if (whole === undefined || part === undefined) throw new Error("nothing was recorded");
      expect(lanesFrom(part, turnAt)).toEqual(lanesFrom(whole, turnAt));
    }),
    { numRuns: runs(1_000), examples: [[RENEWED, RENEWED.length - 1]] },
  );
});
