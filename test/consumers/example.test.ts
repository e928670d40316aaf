import { describe, expect, test } from "vitest";
import { fillExample, fillIn } from "./example.ts";

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
