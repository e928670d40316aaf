import { describe, expect, it } from "vitest";
import { exchange, type Reaction, type Wire } from "./exchange.ts";

const ONE_WAY_MS = 20;
const answering: Reaction = { does: "answer", afterMs: 5, isWrong: false };

/** A wire that carries everything in 20 ms but what `loses` says of either way. */
const wire = (
  react: (at: number) => Reaction,
  loses: (way: "there" | "back", at: number) => boolean = () => false,
): Wire => ({
  there: (at) => (loses("there", at) ? Infinity : at + ONE_WAY_MS),
  back: (at) => (loses("back", at) ? Infinity : at + ONE_WAY_MS),
  react,
});

describe("an exchange over TCP", () => {
  it("answers after two round trips and the service time", () => {
    expect(
      exchange(
        wire(() => answering),
        0,
        5_000,
      ),
    ).toEqual({
      outcome: "ok",
      stage: "done",
      connectMs: 40,
      tookMs: 85,
    });
  });

  it.each([
    [1, 1_040],
    [2, 3_040],
  ])("connects late by the SYN's repetition when %i are lost", (lost, connectMs) => {
    let sent = 0;
    const seen = exchange(
      wire(
        () => answering,
        (way) => way === "there" && sent++ < lost,
      ),
      0,
      5_000,
    );
    expect(seen).toMatchObject({ outcome: "ok", connectMs });
  });

  it("times out connecting where nothing answers, and sends no SYN past its deadline", () => {
    const sent: number[] = [];
    const seen = exchange(
      wire(
        () => ({ does: "nothing" }),
        (way, at) => way === "there" && sent.push(at) < 0,
      ),
      0,
      2_000,
    );
    expect(seen).toEqual({ outcome: "connect_timeout", stage: "connect", tookMs: 2_000 });
    expect(sent).toEqual([0, 1_000]);
  });

  it.each<[Reaction, string, string]>([
    [{ does: "refuse", afterMs: 0 }, "refused", "connect"],
    [{ does: "hold" }, "response_timeout", "response"],
    [{ does: "break", afterMs: 1 }, "reset", "response"],
    [{ does: "answer", afterMs: 1, isWrong: true }, "app_error", "done"],
  ])("shows %j as %s in stage %s", (reaction, outcome, stage) => {
    expect(
      exchange(
        wire(() => reaction),
        0,
        5_000,
      ),
    ).toMatchObject({ outcome, stage });
  });

  it("shows a node that dies between handshake and request as silence after the opening", () => {
    const seen = exchange(
      wire((at) => (at < 50 ? answering : { does: "nothing" })),
      0,
      5_000,
    );
    expect(seen).toMatchObject({ outcome: "response_timeout", stage: "response", connectMs: 40 });
  });

  it("shows a process that crashes before it has answered as a reset", () => {
    const slow: Reaction = { does: "answer", afterMs: 500, isWrong: false };
    const seen = exchange(
      wire((at) => (at < 300 ? slow : { does: "refuse", afterMs: 0 })),
      0,
      5_000,
    );
    expect(seen).toMatchObject({ outcome: "reset" });
  });
});
