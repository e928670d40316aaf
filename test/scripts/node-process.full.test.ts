import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../../scripts/until.ts";
import { HEALTHY_BODY, type Mode } from "../../harness/nodes/mode.ts";
import { NodeProcess } from "../../harness/nodes/process.ts";

let node: NodeProcess;
afterEach(() => node.stop());

/** The answer as text, or how the request failed; `silence` where nothing came within 500 ms. */
const get = async (): Promise<string> => {
  try {
    const answer = await fetch(node.url, { signal: AbortSignal.timeout(500) });
    return `${answer.status} ${(await answer.text()).trim()}`;
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") return "silence";
    return (error as { cause?: { code?: string } }).cause?.code ?? "failed";
  }
};

describe("a node to be probed", () => {
  test("is refused while dead and answers on the same port when revived", async () => {
    node = await NodeProcess.start();
    expect(await get()).toBe(`200 ${HEALTHY_BODY}`);
    const { port, pid } = node;
    await node.kill();
    expect(await get()).toBe("ECONNREFUSED");
    await node.revive();
    expect(await get()).toBe(`200 ${HEALTHY_BODY}`);
    expect(node.port).toBe(port);
    expect(node.pid).not.toBe(pid);
  });

  test("is silent while frozen, and its backlog of 5 takes only so many", async () => {
    node = await NodeProcess.start({ protocol: "tcp", backlog: 5 });
    node.freeze();
    let opened = 0;
    const sockets = Array.from({ length: 12 }, () =>
      connect(node.port, "127.0.0.1", () => (opened += 1)).on("error", () => undefined),
    );
    await until(() => opened >= 6, { withinMs: 3_000, explain: () => `only ${opened} opened` });
    node.thaw();
    await until(() => opened === 12, {
      withinMs: 8_000,
      explain: () => `only ${opened} opened after the thaw`,
    });
    for (const socket of sockets) socket.destroy();
  });

  test.for<[Mode, RegExp]>([
    ["error", /^500 /],
    ["wrong-body", /^200 closed/],
    ["close", /^UND_ERR_SOCKET|^HPE_/],
    ["reset", /^ECONNRESET|^UND_ERR_SOCKET|^HPE_/],
    ["truncated", /^UND_ERR_SOCKET|^failed/],
    ["drip", /^silence/],
    ["endless", /^silence/],
    ["silent", /^silence/],
  ])("answers as told: %s", async ([mode, expected]) => {
    node = await NodeProcess.start();
    await node.mode(mode);
    expect(await get()).toMatch(expected);
    await node.mode("ok");
    expect(await get()).toBe(`200 ${HEALTHY_BODY}`);
  });

  test("loses one answer and is well again", async () => {
    node = await NodeProcess.start();
    await node.mode("lose-one");
    expect([await get(), await get()]).toEqual(["silence", `200 ${HEALTHY_BODY}`]);
  });

  test("fails every other time", async () => {
    node = await NodeProcess.start({ mode: "half-error" });
    const four = [await get(), await get(), await get(), await get()];
    expect(four.filter((answer) => answer.startsWith("500"))).toHaveLength(2);
  });
});
