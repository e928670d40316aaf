import { describe, expect, it } from "vitest";
import { KEY, says, SIBLING, verdictsOf } from "./look.ts";
import { insiderOf, REGIONS, settledWorld, World } from "./world.ts";

const SITE = [KEY, SIBLING];
const insideWorld = () => settledWorld({ inside: ["fra"] });

describe("a vantage inside the site", () => {
  it("confirms a death: it reaches the sibling and not the target, for longer than loss explains", () => {
    const world = insideWorld();
    world.run(20_000);
    world.set(KEY, "silent");
    expect(world.until(says(world, "node_dead"), 6_000)).toBeLessThan(6_000);
    expect(world.until(() => world.answer(KEY).confirmed, 15_000)).toBeLessThan(15_000);
    expect(world.answer(KEY)).toMatchObject({ advice: { routing: "avoid", failover: true } });
    expect(world.answer(KEY).because).toContain("an inside vantage neither");
  });

  it.each(["silent", "refused", "hung"] as const)(
    "shows a host to be isolated that is %s to everybody outside",
    (condition) => {
      const world = insideWorld();
      world.setOutside(KEY, condition);
      expect(world.until(says(world, "isolated"), 8_000)).toBeLessThan(8_000);
      world.run(120_000);
      expect(world.answer(KEY)).toMatchObject({
        verdict: "isolated",
        advice: { routing: "avoid", failover: false },
      });
      const { crashed, dead, hung } = world.answer(KEY).beliefs;
      expect(crashed + dead + hung).toBeLessThan(0.01);
      const wrong = world.changes.filter(
        ({ transition }) => transition.confirmed && ["node_dead", "process_crashed"].includes(transition.to),
      );
      expect(wrong).toEqual([]);
      expect(world.answer(SIBLING).verdict).toBe("alive");
    },
  );

  it("shows a whole site to be isolated while its word comes through", () => {
    const world = insideWorld();
    for (const key of SITE) world.setOutside(key, "silent");
    expect(world.until(() => SITE.every((key) => says(world, "isolated", key)()), 15_000)).toBeLessThan(
      15_000,
    );
    world.run(60_000);
    for (const key of SITE) expect(verdictsOf(world, key)).not.toContain("node_dead");
  });

  it("does not count for a quorum, and changes nothing by itself", () => {
    const world = insideWorld();
    world.set(KEY, "silent", [insiderOf("fra")]);
    world.run(60_000);
    expect(verdictsOf(world, KEY, 2)).toEqual([]);
    expect(world.answer(KEY)).toMatchObject({ verdict: "alive", advice: { routing: "serve" } });
  });

  it.each([
    ["has never reached it", 0],
    ["has not for a minute and more before", 90_000],
  ])("confirms nothing where it %s", (_name, forMs) => {
    const world = new World({ inside: ["fra"] });
    for (const key of SITE) world.place(key);
    const inside = [insiderOf("fra")];
    if (forMs === 0) world.set(KEY, "silent", inside);
    world.run(60_000);
    world.set(KEY, "silent", inside);
    world.run(forMs);
    // From outside, a dead host and one that is cut off look the same, and no other vantage can distinguish them.
    world.setOutside(KEY, "silent");
    world.run(60_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "node_dead", confirmed: false });
    expect(world.changes.filter(({ transition }) => transition.advice.failover)).toEqual([]);
  });

  it("confirms no death by one miss while it is served between the others", () => {
    const world = insideWorld();
    world.run(20_000);
    world.setOutside(KEY, "silent");
    world.set(KEY, "lossy", [insiderOf("fra")]);
    world.run(120_000);
    expect(
      world.changes.filter(({ transition }) => transition.confirmed && transition.to === "node_dead"),
    ).toEqual([]);
    expect(world.answer(KEY).verdict).toBe("isolated");
  });

  it("tells nothing of the other sites", () => {
    const world = insideWorld();
    world.set("ams/web-1", "silent");
    world.run(20_000);
    expect(world.answer("ams/web-1")).toMatchObject({ verdict: "node_dead", confirmed: false });
  });

  it("has told of a crash as others do", () => {
    const world = insideWorld();
    world.configure(KEY, { policy: { restartGraceMs: 0 } });
    world.set(KEY, "refused");
    expect(world.until(says(world, "process_crashed"), 4_000)).toBeLessThan(4_000);
    expect(world.answer(KEY)).toMatchObject({ confirmed: true, advice: { failover: true } });
  });

  it("stands by a death when the outside is cut off afterwards as well", () => {
    const world = insideWorld();
    world.set(KEY, "silent");
    world.run(30_000);
    world.setOutside(SIBLING, "silent");
    world.run(60_000);
    expect(world.answer(SIBLING).verdict).toBe("isolated");
    expect(world.answer(KEY).advice.routing).toBe("avoid");
  });
});

describe("providers", () => {
  const elsewhere = ["apac-se", "oc"];
  const others = REGIONS.filter((region) => !elsewhere.includes(region));

  it("never takes one network's trouble for a death, while another's vantages reach the node", () => {
    const world = settledWorld({ elsewhere });
    world.set(KEY, "silent", others);
    world.run(120_000);
    expect(new Set(verdictsOf(world, KEY, 2))).toEqual(new Set(["partitioned"]));
  });

  it("waits to hear from the other network before anything is confirmed", () => {
    const world = settledWorld({ elsewhere });
    world.configure(KEY, { policy: { outsideProof: true } });
    for (const region of elsewhere) world.mute(region);
    world.set(KEY, "refused");
    world.run(2_500);
    expect(world.answer(KEY).confirmed).toBe(world.answer(KEY).verdict === "alive");
    world.run(20_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", confirmed: true });
  });

  it("confirms nothing by one network where two are asked for", () => {
    const world = settledWorld({ elsewhere });
    world.configure(KEY, { policy: { outsideProof: true, providers: 2 } });
    for (const region of elsewhere) world.mute(region);
    world.set(KEY, "refused");
    world.run(60_000);
    expect(world.answer(KEY)).toMatchObject({ verdict: "process_crashed", confirmed: false });
  });
});
