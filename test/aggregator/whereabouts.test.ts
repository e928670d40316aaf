import { reset } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { strayWarnings } from "../../src/aggregator/whereabouts.ts";
import { Colo } from "../../src/colo.ts";
import { emptyState } from "../../src/verdict/memory/judge-state.ts";
import { vantage } from "../verdict/made.ts";
import { forget, rpc } from "./scene.ts";

const placed = (colos: Record<string, string | null>) => ({
  ...emptyState(),
  vantages: new Map(
    Object.entries(colos).map(([id, colo]) => {
      const record = vantage(id, { colo });
      return [id, { ...record, vantage: { ...record.vantage, kind: "regional" as const, region: id } }];
    }),
  ),
});

describe("where objects run", () => {
  it("is warned of where it is not as it was asked for", () => {
    const state = placed({ weur: "FRA", eeur: "FRA", sam: "IAD", oc: "SYD", wnam: null, enam: null });
    expect(strayWarnings(2, "weur", "SIN", state)).toEqual([
      "the aggregator of shard 2 was asked for in weur and runs in SIN, south-eastern Asia: it stays there, and every read goes there",
      "vantage sam runs in IAD, eastern North America: it sees what is seen from there",
      "vantages weur, eeur run in one colo, FRA: they count once",
    ]);
    expect(strayWarnings(0, undefined, null, placed({ weur: "AMS", eeur: "WAW" }))).toEqual([]);
  });
});

describe("the aggregator", () => {
  beforeEach(async () => {
    await reset();
    forget();
  });

  it("asks nobody where it runs on a machine of one's own", async () => {
    const asked = vi.spyOn(globalThis, "fetch");
    await rpc().watch();
    expect(await rpc().health()).toMatchObject({ colo: null, warnings: [], reasons: [] });
    expect(asked).not.toHaveBeenCalled();
  });

  it("asks again in six hours, in ten minutes where it was told nothing, and keeps what it knew", async () => {
    let now = 1_800_000_000_000;
    const answers = ["FRA", undefined, "AMS"];
    const asked: number[] = [];
    const colo = new Colo(
      () => now,
      () => {
        asked.push(now);
        return Promise.resolve(answers.shift());
      },
      undefined,
    );
    const seen: (string | undefined)[] = [];
    for (const minutes of [0, 10, 360, 5, 5]) {
      now += 60_000 * minutes;
      await colo.refresh();
      seen.push(colo.code);
    }
    expect(seen).toEqual(["FRA", "FRA", "FRA", "FRA", "AMS"]);
    expect(asked).toHaveLength(3);
  });
});
