import { describe, expect, it } from "vitest";
import type { Report, ReportReply } from "../../src/domain/report.ts";
import { Sender } from "../../src/schedule/sender.ts";
import { Outbox } from "../../src/schedule/outbox.ts";
import { HandClock } from "./hand-clock.ts";
import { MemoryShelf } from "./shelf.ts";

const blank: Omit<Report, "sequence" | "dropped"> = {
  vantage: "weur",
  madeAt: 5,
  version: 1,
  observations: [],
  controls: [],
};

const scene = (deliver: (reports: Report[]) => Promise<ReportReply>) => {
  const clock = new HandClock(0);
  const outbox = new Outbox(new MemoryShelf());
  const calls: number[][] = [];
  const replies: ReportReply[] = [];
  const recorded = (reports: Report[]): Promise<ReportReply> => {
    calls.push(reports.map((report) => report.sequence));
    return deliver(reports);
  };
  const sender = new Sender(outbox, clock, recorded, (reply) => {
    replies.push(reply);
  });
  const append = (count: number): void => {
    for (let n = 0; n < count; n++) outbox.append(blank, 0);
  };
  return { clock, outbox, sender, calls, replies, append };
};

const takeAll = (reports: Report[]): Promise<ReportReply> =>
  Promise.resolve({ acknowledged: reports.at(-1)?.sequence ?? 0 });

describe("the sender", () => {
  it("makes no call for an empty outbox", async () => {
    const { sender, calls } = scene(takeAll);
    await sender.run();
    expect(calls).toEqual([]);
  });

  it("empties the outbox oldest first, call by call", async () => {
    const { sender, append, calls, outbox } = scene(takeAll);
    append(45);
    await sender.run();
    expect(calls.map((call) => [call[0], call.length])).toEqual([
      [1, 20],
      [21, 20],
      [41, 5],
    ]);
    expect(outbox.hasUnsent).toBe(false);
  });

  it("keeps everything when a call fails, and stops until it is run again", async () => {
    let isDown = true;
    const { sender, append, calls, outbox } = scene((reports) =>
      isDown ? Promise.reject(new Error("down")) : takeAll(reports),
    );
    append(2);
    await sender.run();
    expect(calls).toEqual([[1, 2]]);
    isDown = false;
    append(1);
    await sender.run();
    expect(calls).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
    expect(outbox.hasUnsent).toBe(false);
  });

  it("keeps to one call at a time, and a run under way takes along what is added meanwhile", async () => {
    const waiting: (() => void)[] = [];
    const { sender, append, calls, outbox } = scene(
      (reports) =>
        new Promise((resolve) => {
          waiting.push(() => resolve({ acknowledged: reports.at(-1)?.sequence ?? 0 }));
        }),
    );
    append(1);
    const first = sender.run();
    append(1);
    const second = sender.run();
    expect(calls).toEqual([[1]]);
    waiting[0]?.();
    await expect.poll(() => calls).toEqual([[1], [2]]);
    waiting[1]?.();
    await Promise.all([first, second]);
    expect(outbox.hasUnsent).toBe(false);
  });

  it("gives up a call that hangs, ignores its late reply, and can run again", async () => {
    let answer: (reply: ReportReply) => void = () => undefined;
    let isHanging = true;
    const { clock, sender, append, calls, replies, outbox } = scene((reports) =>
      isHanging
        ? new Promise((resolve) => {
            answer = resolve;
          })
        : takeAll(reports),
    );
    append(1);
    const run = sender.run();
    await clock.turn(10_000);
    await run;
    answer({ acknowledged: 1 });
    await clock.turn(0);
    expect(outbox.hasUnsent).toBe(true);
    expect(replies).toEqual([]);
    isHanging = false;
    await sender.run();
    expect(calls).toEqual([[1], [1]]);
    expect(replies).toEqual([{ acknowledged: 1 }]);
    expect(clock.waiting).toBe(0);
  });

  it("does not call again and again when nothing gets acknowledged", async () => {
    const { sender, append, calls } = scene(() => Promise.resolve({ acknowledged: 0 }));
    append(1);
    await sender.run();
    expect(calls).toEqual([[1]]);
  });
});
