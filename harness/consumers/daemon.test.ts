import { describe, expect, test } from "vitest";
import { until } from "../../scripts/until.ts";
import { Daemon } from "./daemon.ts";

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("a program that a consumer runs", () => {
  test("goes with all that it started when it is stopped", async () => {
    const daemon = new Daemon("sleeper", ["sh", "-c", "sleep 600 & echo $!; wait"]);
    const grandchild = Number(
      await until(() => /^\d+$/m.exec(daemon.log)?.[0], { withinMs: 5_000, explain: () => daemon.log }),
    );
    expect(isThere(grandchild)).toBe(true);
    await daemon.stop();
    await until(() => !isThere(grandchild), { withinMs: 5_000, explain: () => "it is still there" });
  });

  test("that ended by itself is named with its last words", async () => {
    const daemon = new Daemon("talker", ["sh", "-c", "echo bad configuration >&2; exit 1"]);
    await until(() => daemon.hasEnded && daemon.log !== "", { withinMs: 5_000, explain: () => "it runs on" });
    expect(() => daemon.mustRun()).toThrow(/talker ended by itself:\nbad configuration/);
    await daemon.stop();
  });

  test("that is not there is named too", async () => {
    const daemon = new Daemon("nobody", ["/nowhere/nobody"]);
    await until(() => daemon.hasEnded, { withinMs: 5_000, explain: () => "it runs on" });
    expect(() => daemon.mustRun()).toThrow(/nobody ended/);
  });
});
