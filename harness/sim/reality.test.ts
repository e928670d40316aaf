import { describe, expect, it } from "vitest";
import { createReality } from "./create-reality.ts";
import { DEFAULT_LAYOUT } from "./layout.ts";
import type { Reality, TruthState } from "./reality.ts";
import { SCENARIOS, scenarioNamed } from "./scenarios.ts";

const world = (name: string, seed = 1): Reality => createReality(scenarioNamed(name), seed);

/** What every outside place sees of a key, begun a little apart. */
const seenOf = (reality: Reality, key: string, at: number): string[] =>
  reality.places.map(({ id }, rank) => reality.probe(id, key, at + rank, reality.timeoutMs).outcome);

const EXPECTED_STATES: Record<string, TruthState> = {
  crash: "crashed",
  "crash-notice": "crashed",
  death: "dead",
  "death-inside": "dead",
  "two-deaths": "dead",
  "crash-then-dead": "dead",
  "second-fault-in-episode": "dead",
  "clock-skew": "dead",
  "aggregator-cut": "dead",
  "proxy-answers": "dead",
  "site-death": "dead",
  "site-death-heartbeats": "dead",
  hang: "hung",
  "hang-long": "hung",
  "host-cut": "isolated",
  "host-cut-heartbeats": "isolated",
  "host-cut-inside": "isolated",
  "death-heartbeats": "dead",
  "gray-10": "gray",
  "gray-20": "gray",
  "gray-30": "gray",
  "gray-50": "gray",
  "dns-only": "gray",
  "site-cut": "site-cut",
  "site-cut-heartbeats": "site-cut",
  "cut-in-burst": "site-cut",
  "middlebox-refuses": "site-cut",
  "middlebox-refuses-inside": "site-cut",
  "provider-path": "up",
  "paths-1": "up",
  "paths-half": "up",
  "paths-all-but-one": "up",
  "one-way": "up",
  "loss-80": "up",
  "shared-transit": "up",
};

describe("the simulated world", () => {
  it("is the same for the same seed, however and by whomever it is looked at", () => {
    const one = world("second-fault-in-episode", 5);
    const other = world("second-fault-in-episode", 5);
    for (let at = other.endsAt; at > other.beginsAt; at -= 1_003) seenOf(other, "fra/n-1", at);
    for (let at = one.beginsAt; at < one.endsAt; at += 9_001)
      for (const { key } of one.targets) expect(seenOf(one, key, at)).toEqual(seenOf(other, key, at));
    expect(one.cases).toEqual(other.cases);
    expect(world("second-fault-in-episode", 6).faultAt).not.toBe(one.faultAt);
  });

  it("has nine places, four sites of five targets and two controls unless a scenario says otherwise", () => {
    const reality = world("none");
    expect(reality.places).toHaveLength(9);
    expect(reality.targets).toHaveLength(20);
    expect(new Set(reality.targets.map(({ site }) => site)).size).toBe(4);
    expect(reality.controls).toHaveLength(2);
    expect(reality.intervalMs).toBe(10_000);
  });

  it("names every scenario once", () => {
    const names = SCENARIOS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(SCENARIOS.map(({ name }) => name))("makes the truth of %s what its cases say", (name) => {
    for (const seed of [1, 2, 3]) {
      const reality = world(name, seed);
      for (const { key, from, to } of reality.cases) {
        const during = reality.truth(key, (from + to) / 2);
        expect(during.state).toBe(EXPECTED_STATES[name]);
        expect(during.since).toBe(during.state === "up" ? reality.beginsAt : from);
        expect(reality.truth(key, to + 1).state).toBe("up");
        expect(reality.truth(key, reality.beginsAt).reachableFrom).toHaveLength(DEFAULT_LAYOUT.vantages);
      }
      const concerned = new Set(reality.cases.map(({ key }) => key));
      if (concerned.size > 0)
        for (const { key } of reality.targets)
          if (!concerned.has(key)) expect(reality.truth(key, reality.endsAt).state).toBe("up");
    }
  });

  it.each([
    ["paths-1", 8],
    ["paths-half", 4],
    ["paths-all-but-one", 1],
    ["one-way", 6],
    ["shared-transit", 5],
    ["site-cut", 0],
    ["death", 0],
    ["crash", 9],
    ["second-fault-in-episode", 0],
  ])("leaves, in %s, %i places from which an answer comes back", (name, count) => {
    const reality = world(name);
    const [first] = reality.cases;
    expect(reality.truth(first?.key ?? "", (first?.from ?? 0) + 1).reachableFrom).toHaveLength(count);
  });

  it.each([
    ["none", "ok"],
    ["crash", "refused"],
    ["death", "connect_timeout"],
    ["hang", "response_timeout"],
    ["site-cut", "connect_timeout"],
    ["site-death", "connect_timeout"],
    ["host-cut", "connect_timeout"],
    ["dns-only", "dns_failure"],
    ["proxy-answers", "app_error"],
    ["middlebox-refuses", "refused"],
    ["provider-wide", "connect_timeout"],
  ])("shows nearly every place, in %s, %s", (name, outcome) => {
    const reality = world(name);
    const key = reality.cases[0]?.key ?? "fra/n-1";
    const seen = [5_000, 15_000, 25_000].flatMap((ms) => seenOf(reality, key, reality.faultAt + ms));
    expect(seen.filter((one) => one === outcome).length).toBeGreaterThanOrEqual(0.85 * seen.length);
  });

  it("loses as many probes in calm as SYNs and their repetition leave: about one in a hundred is not ok", () => {
    const reality = world("none");
    let all = 0;
    let failed = 0;
    for (let at = reality.beginsAt; at < reality.endsAt; at += 1_000)
      for (const { key } of reality.targets)
        for (const outcome of seenOf(reality, key, at)) {
          all += 1;
          if (outcome !== "ok") failed += 1;
        }
    expect(failed / all).toBeLessThan(0.02);
    expect(failed / all).toBeGreaterThan(0.0001);
  });

  it("lets an inside vantage reach the siblings of a dead host, and its site when that is cut from outside", () => {
    const dead = world("death-inside");
    const key = dead.cases[0]?.key ?? "";
    const [site = ""] = key.split("/");
    const siblings = dead.targets.filter((one) => one.site === site && one.key !== key);
    const at = dead.faultAt + 5_000;
    expect(dead.probe(`in-${site}`, key, at, 5_000).outcome).toBe("connect_timeout");
    for (const one of siblings) expect(dead.probe(`in-${site}`, one.key, at, 5_000).outcome).toBe("ok");
    const cut = createReality({ ...scenarioNamed("site-cut"), layout: { hasInside: true } }, 1);
    const lost = cut.cases[0]?.key ?? "";
    expect(cut.probe(`in-${lost.split("/")[0]}`, lost, cut.faultAt + 5_000, 5_000).outcome).toBe("ok");
  });

  it("fills a frozen process's backlog after a while: accepted first, silent later", () => {
    const reality = world("hang-long");
    const key = reality.cases[0]?.key ?? "";
    expect(seenOf(reality, key, reality.faultAt + 5_000)).toContain("response_timeout");
    expect(new Set(seenOf(reality, key, reality.faultAt + 60_000))).toEqual(new Set(["connect_timeout"]));
  });

  it("lets a host's witness answer for as long as the host lives", () => {
    const layout = { hasWitness: true };
    for (const [name, outcome] of [
      ["crash", "ok"],
      ["hang", "ok"],
      ["death", "connect_timeout"],
    ] as const) {
      const reality = createReality({ ...scenarioNamed(name), layout }, 1);
      const key = reality.cases[0]?.key;
      const witness = reality.targets.find((one) => one.key === key)?.witness ?? "";
      expect(seenOf(reality, witness, reality.faultAt + 5_000)).toContain(outcome);
    }
  });

  it("mutes in aggregator-cut four places, which go on probing", () => {
    const reality = world("aggregator-cut");
    const at = reality.faultAt + 1_000;
    const mute = reality.places.filter(({ id }) => !reality.canReport(id, at));
    expect(mute).toHaveLength(4);
    expect(mute.every(({ id }) => reality.isRunning(id, at))).toBe(true);
  });

  it("skews clocks by no more than the scenario says, and not all alike", () => {
    const reality = world("clock-skew");
    const skews = reality.places.map(({ id }) => reality.skewMs(id));
    expect(Math.max(...skews.map(Math.abs))).toBeLessThanOrEqual(500);
    expect(new Set(skews).size).toBeGreaterThan(5);
  });

  it("carries heartbeats while nodes can speak, and a notice of each crash", () => {
    const cut = world("host-cut-heartbeats");
    const key = cut.cases[0]?.key;
    const during = cut.words.filter((word) => word.key === key && word.sentAt > cut.faultAt);
    expect(during.length).toBeGreaterThan(10);
    const dead = world("site-death-heartbeats");
    const [one] = dead.cases;
    expect(
      dead.words.some(({ key: of, sentAt }) => of === one?.key && sentAt > one.from && sentAt < one.to),
    ).toBe(false);
    const notices = world("crash-notice").words.filter(({ kind }) => kind === "crash");
    expect(notices).toHaveLength(1);
    expect((notices[0]?.arrivesAt ?? 0) - world("crash-notice").faultAt).toBeLessThan(1_000);
  });
});
