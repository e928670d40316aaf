import type { Assignment } from "../../../src/domain/report.ts";
import type { VantagePorts } from "../../../src/cli/vantage/node-ports.ts";
import { Program } from "../../../src/cli/vantage/program.ts";
import type { WorkOptions } from "../../../src/cli/vantage/settings.ts";
import { assignedTarget, assignmentOf } from "../../schedule/assigned.ts";
import { HandClock } from "../../schedule/hand-clock.ts";
import { START } from "../../schedule/rounds-scene.ts";
import { ScriptedNetwork } from "../../schedule/scripted-network.ts";
import { FakeExchange } from "./fake-exchange.ts";
import { MemoryFiles } from "../memory-files.ts";

export const TARGET = assignedTarget("db-1");
export const work = (changes: Partial<Assignment> = {}): Assignment =>
  assignmentOf([TARGET], { vantage: "lab-1", ...changes });

interface Logged {
  level: string;
  event: string;
  details: Record<string, unknown>;
}

/**
 * A vantage under a clock turned by hand, between a scripted network and a scripted detector. This clock is the detector's clock and the
 * true time. The vantage has a monotonic clock, and a wall clock that may be wrong.
 */
export const openScene = (settings: Partial<WorkOptions> = {}) => {
  const clock = new HandClock(START);
  const network = new ScriptedNetwork(clock);
  const detector = new FakeExchange(clock);
  const files = new MemoryFiles();
  const logged: Logged[] = [];
  const wall = { errorMs: 0 };
  let programs = 0;
  detector.assignments.set(0, work());

  const open = (): Program => {
    programs += 1;
    // Each process counts from an instant of its own.
    const origin = clock.now() - programs * 1_234.5;
    const ports: VantagePorts = {
      // Over JSON, as between real processes.
      exchange: (request, stop) => detector.exchange(JSON.parse(JSON.stringify(request)), stop),
      monotonic: () => clock.now() - origin,
      wall: () => clock.now() + wall.errorMs,
      after: clock.after,
      random: () => 0.5,
      start: (spec, _vantage, now) => ({ ...network.start(spec), begin: now() }),
      files,
      log: (level, event, details = {}) => logged.push({ level, event, details }),
    };
    return new Program({ slots: 64, listenMs: 25_000, retryMaxMs: 30_000, once: false, ...settings }, ports);
  };
  const start = (): Program => {
    const program = open();
    program.start();
    return program;
  };
  /** The process dies at this instant. */
  const kill = (): void => clock.forget();
  const events = (event: string): Logged[] => logged.filter((each) => each.event === event);
  const begins = (): number[] =>
    detector.reports().flatMap(({ observations }) => observations.map(({ begin }) => begin));
  return { clock, network, detector, files, logged, wall, open, start, kill, events, begins };
};

export const upTo = (count: number, from = 1): number[] => Array.from({ length: count }, (_, n) => n + from);
