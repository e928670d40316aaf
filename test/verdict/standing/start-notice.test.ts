import fc from "fast-check";
import { expect, it } from "vitest";
import { takeNotice } from "../../../src/verdict/memory/node.ts";
import type { NoticeRecord } from "../../../src/verdict/memory/node.ts";
import type { TargetState } from "../../../src/verdict/memory/judge-state.ts";
import { failoverAt } from "../../../src/verdict/standing/advice.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { notice, NOW, standingAs } from "../made.ts";

const HELD = NOW - 60_000;
const crashed = (before: NoticeRecord | null, restartGraceMs: number): TargetState =>
  standingAs("process_crashed", {
    notice: before,
    target: { policy: { restartGraceMs } },
    standing: { heldSince: HELD, quorumUntil: NOW + 7_000, routing: "avoid" },
  });

it("failover is never brought nearer by a start notice", () => {
  const ended = fc.constantFrom(
    notice("stop"),
    notice("crash"),
    notice("crash", { restarting: true }),
    notice("start"),
    null,
  );
  fc.assert(
    fc.property(ended, fc.nat(120_000), fc.nat(30_000), (before, laterMs, restartGraceMs) => {
      // Leaves out a crash notice which said that nobody restarts the process: it was wrong, and failover is advised already.
      fc.pre(!(before?.kind === "crash" && !before.restarting));
      const state = crashed(before, restartGraceMs);
      const at = HELD + 1 + laterMs;
      const word = {
        site: "fra",
        target: "db-1",
        kind: "start",
        bootId: "boot-2",
        restarting: false,
      } as const;
      const after = failoverAt(takeNotice(state, { ...word, at }, at, TUNING), TUNING) ?? 0;
      const least = before?.kind === "stop" ? at + restartGraceMs : failoverAt(state, TUNING);
      expect(after).toBeGreaterThanOrEqual(least ?? 0);
    }),
  );
});
