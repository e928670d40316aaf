import type { Called } from "../../../src/client/client.ts";
import type { AgentPorts } from "../../../src/cli/agent/agent-ports.ts";
import { Reporter } from "../../../src/cli/agent/reporter.ts";
import {
  type Heard,
  HeartbeatRequestSchema,
  type NoticeRequest,
  NoticeRequestSchema,
} from "../../../src/domain/heartbeat.ts";
import { fromInstant, toInstant } from "../../../src/domain/instant.ts";
import { HandClock } from "../../schedule/hand-clock.ts";
import { START } from "../../schedule/rounds-scene.ts";
import { MemoryFiles } from "../memory-files.ts";

/** How the detector behaves: a status to answer with, or no answer. */
export type Mood = "well" | "down" | "hanging" | number;

/** A word as the agent sent it; `at`: when, by the true clock. */
interface Word {
  at: number;
  kind: NoticeRequest["kind"] | "heartbeat";
  bootId: string;
  /** The instant that the word itself gives; NaN for a heartbeat. */
  saidAt: number;
  /** Whether the detector was well when the word arrived. */
  isHeard: boolean;
}

const PLACE = { site: "fra", target: "web-1" };

/**
 * An agent that reports one target to a scripted detector, under a clock turned by hand. This clock is the detector's clock and the true
 * time. The agent has a monotonic clock, and a wall clock that may be wrong.
 */
export const openScene = () => {
  const clock = new HandClock(START);
  const files = new MemoryFiles();
  const logged: { event: string; details: Record<string, unknown> }[] = [];
  const wall = { errorMs: 0 };
  const detector = { mood: "well" as Mood, reply: { accepted: true, detail: "" } };
  const words: Word[] = [];
  let starts = 0;
  let calls = 0;
  let mostCalls = 0;

  const answer = async (stop?: AbortSignal): Promise<Called<Heard>> => {
    const { mood } = detector;
    if (mood === "down") return { kind: "failed", detail: "fetch failed: ECONNREFUSED" };
    if (typeof mood === "number") return { kind: "refused", status: mood, detail: "as the test has it" };
    if (mood === "hanging") {
      await new Promise((resolve) => stop?.addEventListener("abort", resolve));
      return { kind: "failed", detail: "This operation was aborted" };
    }
    return { kind: "ok", value: { ...detector.reply, at: toInstant(clock.now()) } };
  };
  const hear = async (word: Omit<Word, "at" | "isHeard">, stop?: AbortSignal): Promise<Called<Heard>> => {
    words.push({ ...word, at: clock.now(), isHeard: detector.mood === "well" });
    calls += 1;
    mostCalls = Math.max(mostCalls, calls);
    const called = await answer(stop);
    calls -= 1;
    return called;
  };

  /** Starts an agent's process. */
  const start = (everyMs = 10_000): Reporter => {
    starts += 1;
    // Each process counts from an instant of its own.
    const origin = clock.now() - starts * 1_234.5;
    const ports: AgentPorts = {
      heartbeat: (_place, body, stop) => {
        const { bootId } = HeartbeatRequestSchema.parse(body);
        return hear({ kind: "heartbeat", bootId, saidAt: Number.NaN }, stop);
      },
      notice: (_place, body, stop) => {
        const { kind, bootId, at = "" } = NoticeRequestSchema.parse(body);
        return hear({ kind, bootId, saidAt: fromInstant(at) }, stop);
      },
      monotonic: () => clock.now() - origin,
      wall: () => clock.now() + wall.errorMs,
      after: clock.after,
      random: () => 0.5,
      files,
      log: (_level, event, details = {}) => logged.push({ event, details }),
    };
    return new Reporter(ports, { place: PLACE, everyMs });
  };
  /** The agent's process dies at this instant. */
  const kill = (): void => clock.forget();
  const events = (event: string) => logged.filter((each) => each.event === event);
  const heard = (): Word[] => words.filter(({ isHeard }) => isHeard);
  /** The notices that the detector heard, without heartbeats. */
  const notices = (): string[] =>
    heard().flatMap(({ kind, bootId }) => (kind === "heartbeat" ? [] : [`${kind} ${bootId}`]));
  const beats = (): number[] => words.filter(({ kind }) => kind === "heartbeat").map(({ at }) => at);
  return {
    clock,
    files,
    wall,
    detector,
    words,
    start,
    kill,
    logged,
    events,
    heard,
    notices,
    beats,
    /** The most calls under way at once. */
    mostCalls: () => mostCalls,
  };
};
