import { describe, expect, test } from "vitest";
import { type ActKind, ACTS, callOf, forceOf, NO_ACT } from "../../src/dashboard/acts.ts";
import { shownCommand } from "../../src/dashboard/commands.ts";
import { pageOf } from "../../src/dashboard/page-document.ts";
import { DrillRequestSchema } from "../../src/domain/drill.ts";
import { MuteRequestSchema } from "../../src/domain/mute.ts";
import { isName } from "../../src/domain/name.ts";
import { OverrideRequestSchema } from "../../src/domain/override.ts";
import { crashed, NOW, stateOf } from "./states.ts";

const LIVE = { trouble: "", by: "events", rows: { first: 0, count: 60, heightPx: 28 } } as const;
const given = {
  ...NO_ACT,
  origin: "https://p.example",
  site: "fra",
  target: "db-1",
  mute: "m-1",
  reason: "INC-1",
  minutes: 15,
  now: NOW,
};
const KINDS = Object.keys(ACTS) as ActKind[];

describe("what a person may do from the page", () => {
  test("a hold keeps traffic and lets no successor in, for a quarter of an hour", () => {
    const { method, path, body } = callOf("hold", { ...given, minutes: ACTS.hold.minutes ?? 0 });
    expect([method, path]).toEqual(["PUT", "/v1/sites/fra/targets/db-1/override"]);
    expect(OverrideRequestSchema.parse(body)).toEqual({
      advice: { failover: false, routing: "serve" },
      reason: "INC-1",
      ttlMs: 900_000,
    });
  });

  test("a rehearsal ends by itself and is not live", () => {
    const { body } = callOf("rehearse", { ...given, minutes: 60 });
    expect(DrillRequestSchema.parse(body)).toMatchObject({
      target: "db-1",
      live: false,
      durationMs: 3_600_000,
    });
  });

  test("a mute ends at an instant of the detector's clock, and has a name of its own", () => {
    const long = "x".repeat(63);
    const { path, body } = callOf("mute", { ...given, site: long, target: long });
    expect(isName(path.split("/").at(-1) ?? "")).toBe(true);
    expect(MuteRequestSchema.parse(body)).toMatchObject({
      until: "2026-11-22T03:27:07.000Z",
      reason: "INC-1",
    });
    expect(callOf("mute", { ...given, now: NOW + 1 }).path).not.toBe(callOf("mute", given).path);
    expect(callOf("unmute", given)).toMatchObject({ method: "DELETE", path: "/v1/mutes/m-1" });
  });

  test("nothing with a button lets anything fail over", () => {
    for (const kind of KINDS) expect(JSON.stringify(callOf(kind, given))).not.toContain('"failover":true');
  });

  test("to fail over by hand is text, in which the target is still to be named", async () => {
    const html = await pageOf(stateOf([crashed()], { live: LIVE }));
    const buttons = [...html.matchAll(/<button[^>]*data-act="([^"]+)"/g)].map(([, kind]) => kind);
    expect(buttons).toEqual(["hold", "mute", "rehearse"]);
    const command = shownCommand(forceOf(given));
    expect(command).toContain('"https://p.example/v1/sites/fra/targets/$TARGET/override"');
    expect(command).toContain('"failover":true');
  });

  test("without a script there are commands, and no buttons that would do nothing", async () => {
    const html = await pageOf(stateOf([crashed()]));
    expect(html).not.toContain("<button");
    expect(html).toContain("curl -X PUT");
  });

  test("what is muted can be unmuted", async () => {
    const muted = { id: "m-1", until: "2026-11-22T03:27:07.000Z", reason: "INC-1" };
    const html = await pageOf(stateOf([crashed({ muted })], { live: LIVE }));
    expect(html).toContain('data-act="unmute"');
    expect(html).not.toContain('data-act="mute"');
    expect(html).toContain('data-mute="m-1"');
  });

  test("an operator's word can be withdrawn where there is one", async () => {
    const override = { advice: { failover: false }, reason: "INC-1", until: "2026-11-22T03:27:07.000Z" };
    const html = await pageOf(stateOf([crashed({ override })], { live: LIVE }));
    expect(html).toContain('data-act="release"');
  });
});
