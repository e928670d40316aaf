import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { exampleFile, fillExample, fillIn } from "./example.ts";

describe("an example's placeholders", () => {
  test("are all filled in, wherever they stand", () => {
    expect(fillIn("ask ${URL}/up on ${PORT}, ${URL}", { URL: "http://a", PORT: 8 })).toBe(
      "ask http://a/up on 8, http://a",
    );
  });

  test("without a value are named", () => {
    expect(() => fillIn("ask ${URL}", {})).toThrow("${URL}");
  });

  test("that are not there are named, so that no setting is silently without effect", () => {
    expect(() => fillIn("ask ${URL}", { URL: "a", TOKEN: "b" })).toThrow("TOKEN");
  });

  test("are looked for in the files that are shipped", async () => {
    expect(await fillExample("agent/parallax-notice.conf", {})).toContain("[Service]");
  });
});

/** systemd's own defaults for a unit that sets none: after more starts than this within this time, the unit stays down. */
const STARTS = 5;
const WITHIN_S = 10;

test("no unit that is always to be started again is one day left down by systemd", async () => {
  const units = (await readdir(exampleFile(""), { recursive: true })).filter((name) =>
    name.endsWith(".service"),
  );
  const numberIn = (text: string, name: string): number | undefined => {
    const found = new RegExp(`^${name}=(\\d+)$`, "m").exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const left: string[] = [];
  for (const unit of units) {
    const text = await readFile(exampleFile(unit), "utf8");
    if (!/^Restart=always$/m.test(text)) continue;
    const within = numberIn(text, "StartLimitIntervalSec") ?? WITHIN_S;
    if ((numberIn(text, "RestartSec") ?? 0) * STARTS < within) left.push(unit);
  }
  expect(units).not.toEqual([]);
  expect(left).toEqual([]);
});
