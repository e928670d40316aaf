import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { freePort } from "../../scripts/port.ts";

const MODULE = fileURLToPath(new URL("../../scripts/port.ts", import.meta.url));
// More ports than one block has, for each process that draws.
const COUNT = 80;

const DRAW = `
const { freePort } = await import(${JSON.stringify(MODULE)});
console.log(JSON.stringify(await Promise.all(Array.from({ length: ${COUNT} }, freePort))));
process.stdin.resume();
`;

const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill("SIGKILL")));

/** The ports that another process is given. It lives until the test ends. */
const drawElsewhere = async (): Promise<number[]> => {
  const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "-e", DRAW], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  for await (const line of createInterface(child.stdout)) return JSON.parse(line) as number[];
  throw new Error("the process ended without a word");
};

const connecting = (port: number): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => resolve("connected"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });

test("no two processes are given the same port, and every one refuses", async () => {
  const own = Promise.all(Array.from({ length: COUNT }, freePort));
  const drawn = (await Promise.all([own, drawElsewhere(), drawElsewhere()])).flat();
  expect(new Set(drawn).size).toBe(3 * COUNT);
  expect(new Set(await Promise.all(drawn.map(connecting)))).toEqual(new Set(["ECONNREFUSED"]));
});
