import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { PARTS } from "./parts.ts";
import { FIRST, STATES } from "./states.ts";

const RUN = fileURLToPath(new URL("./run.ts", import.meta.url));
const execute = promisify(execFile);

test("no two states or trials have one name", () => {
  const names = [FIRST, ...STATES, ...PARTS].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("npm run browser turns a part away that it does not know, naming it", async () => {
  await expect(execute(process.execPath, ["--no-warnings", RUN, "--only", "nobody"])).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no such part: nobody[\s\S]*usage/),
  });
});

test("npm run browser says what is missing where there is no Chromium", async () => {
  const env = { ...process.env, PATH: "/nonexistent" };
  await expect(execute(process.execPath, ["--no-warnings", RUN, "--check"], { env })).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("apt-get install"),
  });
});
