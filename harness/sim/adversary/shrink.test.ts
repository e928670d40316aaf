import { describe, expect, it } from "vitest";
import { KEY } from "../../../test/verdict/look.ts";
import { judge as production } from "../../../src/verdict/judge.ts";
import { breachesLeft, type Finding, sizeOf } from "./finding.ts";
import { targetsIn } from "./history.ts";
import { lawNamed } from "./laws.ts";
import { rosterIn } from "./looks.ts";
import { minimised, replayed, shrunk } from "./shrink.ts";
import { NO_FACTS, publishing, settled, tampered, toldIn } from "./stub.ts";

const NUMBERS = Array.from({ length: 100 }, (_, index) => index);

describe("the smallest part", () => {
  it("is found where two that lie apart are needed, without trying everything", () => {
    let trials = 0;
    const part = minimised(NUMBERS, (kept) => {
      trials += 1;
      return kept.includes(17) && kept.includes(83);
    });
    expect(part).toEqual([17, 83]);
    expect(trials).toBeLessThan(200);
  });

  it("is nothing where nothing is needed, and everything where all is", () => {
    expect(minimised(NUMBERS, () => true)).toEqual([]);
    expect(minimised(NUMBERS, (kept) => kept.length === NUMBERS.length)).toEqual(NUMBERS);
  });
});

describe("a list that breaks a law", () => {
  const serving = tampered((judgement) =>
    publishing(judgement, ({ published }) => ({ advice: { ...published.advice, routing: "serve" } })),
  );
  const law = lawNamed("nobody-served-is-avoided");

  it("is made as short as the law allows, and still breaks it", () => {
    const world = settled();
    world.set(KEY, "silent");
    world.run(30_000);
    const told = toldIn(world);
    const facts = NO_FACTS;
    const [found] = law.breaches(
      { moments: replayed(serving, { told, facts, isWoken: true }), facts },
      serving,
    );
    if (found === undefined) throw new Error("nothing found");
    const short = shrunk(told, facts, law, found, serving);
    if (short === null) throw new Error("not found again");
    expect([...targetsIn(short.told).keys()]).toEqual([KEY]);
    expect(rosterIn(short.told).size).toBe(3);
    // One `ok`, two looks in vain of each of three, and what it takes for the judge to go on saying something.
    const size = sizeOf({ judgements: short.told });
    expect(size.observations).toBeGreaterThanOrEqual(7);
    expect(size.observations).toBeLessThanOrEqual(15);
    expect(size.events).toBeLessThan(told.length / 4);
    const again = law.breaches({ moments: replayed(serving, short, short.breach.at + 1), facts }, serving);
    expect(again.map(({ key }) => key)).toEqual([KEY]);
  });

  it("is kept as one that breaks its law, until the judge is another", () => {
    const world = settled();
    world.set(KEY, "silent");
    world.run(30_000);
    const kept = {
      law: law.name,
      sentence: law.sentence,
      seed: 1,
      world: [],
      facts: NO_FACTS,
      isWoken: true,
    };
    const breach = { key: KEY, at: 0, says: "" };
    const finding = JSON.parse(JSON.stringify({ ...kept, breach, judgements: toldIn(world) })) as Finding;
    expect(breachesLeft(finding, serving)).toHaveLength(1);
    expect(breachesLeft(finding, production)).toEqual([]);
  });

  it("is not made up: a breach that the events do not show is none", () => {
    const told = toldIn(settled());
    const found = { key: KEY, at: told.at(-1)?.now ?? 0, says: "" };
    expect(shrunk(told, NO_FACTS, law, found)).toBeNull();
  });
});
