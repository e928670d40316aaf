import { expect, it } from "vitest";
import { assignedTarget, assignmentOf } from "./assigned.ts";
import { openScene } from "./rounds-scene.ts";
import { HEALTHY } from "./scripted-network.ts";

const URL = "http://db-1.example/";

/** A prober that has looked once; and for each probe of its one target since, whether it must use a new connection. */
const openTarget = async () => {
  const scene = openScene(assignmentOf([assignedTarget("db-1", { url: URL })]));
  await scene.nextTick();
  scene.network.started.length = 0;
  const asked = (): boolean[] => scene.network.started.map(({ fresh }) => fresh === true);
  return { ...scene, asked };
};

it("a target that answers is met by a new connection in every second round", async () => {
  const { nextTick, asked } = await openTarget();
  for (let round = 0; round < 6; round++) await nextTick();
  expect(asked().filter(Boolean)).toHaveLength(3);
  expect(asked().slice(2, 4)).toEqual(asked().slice(0, 2));
  expect(asked().slice(4)).toEqual(asked().slice(0, 2));
});

it("what has failed is met by new connections until one is served, and so is what is asked for", async () => {
  const { nextTick, tick, asked, network, prober, clock } = await openTarget();
  network.set(URL, { answersAfterMs: 5, outcome: "app_error" });
  for (let round = 0; round < 2; round++) await nextTick();
  network.started.length = 0;
  for (let round = 0; round < 3; round++) await nextTick();
  expect(asked()).toEqual([true, true, true]);
  network.set(URL, HEALTHY);
  await nextTick();
  await nextTick();
  await nextTick();
  network.started.length = 0;
  for (let burst = 0; burst < 3; burst++) {
    await clock.turn(1_000);
    await tick(prober.burst([{ site: "fra", target: "db-1", subject: "target" }]));
  }
  expect(asked()).toEqual([true, true, true]);
});
