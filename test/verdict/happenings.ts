/** Random small worlds of several sizes in which things happen, for laws about the judge. */
import fc from "fast-check";
import type { Condition } from "./condition.ts";
import { REGIONS, World } from "./world.ts";

export const KEYS = ["fra/db-1", "fra/db-2", "fra/db-3", "ams/web-1", "sto/web-1"];
const CONDITIONS: Condition[] = ["ok", "refused", "silent", "hung", "error", "half", "reset", "body"];

/** What happens in a world: conditions change for all vantages or some, vantages go mute or lose their controls, targets are paused. */
const happenings = fc.array(
  fc.record({
    key: fc.constantFrom(...KEYS),
    condition: fc.constantFrom(...CONDITIONS),
    vantages: fc.option(fc.subarray(REGIONS, { minLength: 1 }), { nil: undefined }),
    mute: fc.option(fc.constantFrom(...REGIONS), { nil: undefined }),
    control: fc.option(fc.tuple(fc.constantFrom(...REGIONS), fc.boolean()), { nil: undefined }),
    witness: fc.option(fc.constantFrom(...CONDITIONS), { nil: undefined }),
    paused: fc.option(fc.boolean(), { nil: undefined, freq: 8 }),
    forMs: fc.integer({ min: 100, max: 40_000 }),
  }),
  { minLength: 1, maxLength: 14 },
);

export const worlds = fc.record({
  intervalMs: fc.constantFrom(5_000, 10_000, 30_000),
  regions: fc.constantFrom(3, 5, 7).map((count) => REGIONS.slice(0, count)),
  inside: fc.constantFrom<string[][]>([], ["fra"]),
  outsideProof: fc.boolean(),
  happenings,
});

export type Script = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

/** Plays a script from the first look on. `watch` may read the world while time passes. */
export const play = (
  { intervalMs, regions, inside, outsideProof, happenings: all }: Script,
  { asText = true, watch = (world: World) => (forMs: number) => world.run(forMs) } = {},
): World => {
  const world = new World({ intervalMs, regions, inside, asText });
  const pass = watch(world);
  for (const key of KEYS) world.place(key, { policy: { outsideProof }, witness: key === "fra/db-1" });
  pass(2.5 * intervalMs);
  for (const { key, condition, vantages, mute, control, witness, paused, forMs } of all) {
    world.set(
      key,
      condition,
      vantages?.filter((id) => regions.includes(id)),
    );
    if (witness !== undefined) world.setWitness("fra/db-1", witness);
    if (mute !== undefined && regions.includes(mute)) world.mute(mute);
    if (control !== undefined && regions.includes(control[0])) world.control(...control);
    if (paused !== undefined) world.configure(key, { paused });
    pass(forMs);
  }
  return world;
};
