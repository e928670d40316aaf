import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { DEEDS, type RealServer } from "./server.ts";
import { SERVERS } from "./servers.ts";

const RUN = fileURLToPath(new URL("./run.ts", import.meta.url));
const execute = promisify(execFile);

const schemesOf = (server: RealServer): string => server.url({ port: 1, dir: "" }).replace(/:.*$/, "");

describe("npm run servers", () => {
  test("does everything to one of each kind at least", () => {
    const whole = SERVERS.filter(({ sights }) => DEEDS.every((deed) => deed in sights));
    expect(new Set(whole.map(schemesOf))).toEqual(new Set(SERVERS.map(schemesOf)));
  });

  test("turns a server away that it does not know, naming it", async () => {
    await expect(execute(process.execPath, ["--no-warnings", RUN, "--only", "nobody"])).rejects.toMatchObject(
      {
        code: 2,
        stderr: expect.stringMatching(/no such server: nobody[\s\S]*usage/),
      },
    );
  });
});
