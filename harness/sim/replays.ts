/** Incidents of the simulator, in the form in which a detector gives its evidence, judged again by the script that the page loads. */
import { buildReplay } from "../../scripts/build-served.mjs";
import type { Recording } from "../../src/dashboard/replay/recording.ts";
import type { EvidenceEvent } from "../../src/domain/evidence.ts";
import { judge } from "../../src/verdict/judge.ts";
import { type Change, emptyState, type ShardState } from "../../src/verdict/memory/judge-state.ts";
import { dumpState } from "../../src/verdict/memory/target-state.ts";
import { pagesOf } from "../../test/replay/pages.ts";
import { createReality } from "./create-reality.ts";
import { createParallax } from "./parallax/detector.ts";
import type { Scenario } from "./scenario.ts";

/** As the browser loads it. */
export type Judging = { Recording: Pick<typeof Recording, "load"> };

/** The script as it is served, loaded here. */
export const servedJudge = async (): Promise<Judging> => {
  const { text } = await buildReplay();
  return (await import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`)) as Judging;
};

interface Judged {
  at: number;
  events: readonly EvidenceEvent[];
  state: ShardState;
  changes: readonly Change[];
}

const PAGE_JUDGEMENTS = 500;

/** How many transitions of one incident were published from some point on, and how many of them come out otherwise. */
export const replayIncident = async (
  { Recording: served }: Judging,
  scenario: Scenario,
  seed: number,
): Promise<{ published: number; differences: number }> => {
  const reality = createReality(scenario, seed);
  const judged: Judged[] = [];
  const parallax = createParallax({
    bench: {
      // A detector's instants are whole milliseconds.
      judge: (before, events, now, tuning) => {
        const at = Math.floor(now);
        const judgement = judge(before, events, at, tuning);
        judged.push({ at, events, state: judgement.state, changes: judgement.changes });
        return judgement;
      },
    },
  });
  await parallax.run(reality, reality.beginsAt, reality.endsAt);
  // From the beginning, or from a memory that was kept on the way.
  const first = Math.floor((judged.length * (seed % 4)) / 5);
  const changes = judged.slice(first).flatMap((one) => one.changes);
  const snapshot = dumpState(judged[first - 1]?.state ?? emptyState());
  const lived = { journal: judged, changes, now: judged.at(-1)?.at ?? 0 };
  const pages = pagesOf(lived, { first, snapshot, size: PAGE_JUDGEMENTS });
  const [target] = reality.targets;
  const recording = await served.load(
    {
      evidence: (_place, { cursor }) =>
        Promise.resolve(
          pages[cursor === undefined ? 0 : (Number.parseInt(cursor, 10) - first) / PAGE_JUDGEMENTS] ??
            "no such page",
        ),
      transitions: () => Promise.resolve([]),
      pause: () => Promise.resolve(),
    },
    [{ site: target?.site ?? "", target: target?.target ?? "" }],
  );
  if (typeof recording === "string") throw new Error(`${scenario.name}, seed ${seed}: ${recording}`);
  return { published: changes.length, differences: recording.differences([]) };
};

/** Prints what comes of these incidents; whether all came out as they were published. */
export const runReplays = async (
  scenarios: readonly Scenario[],
  { first, count }: { first: number; count: number },
  print: (line: string) => void,
): Promise<boolean> => {
  const judging = await servedJudge();
  const total = { incidents: 0, published: 0, differences: 0 };
  for (const scenario of scenarios)
    for (let seed = first; seed < first + count; seed++) {
      // oxlint-disable-next-line no-await-in-loop -- incidents share this core
      const { published, differences } = await replayIncident(judging, scenario, seed);
      total.incidents += 1;
      total.published += published;
      total.differences += differences;
      if (differences > 0) print(`${scenario.name}, seed ${seed}: ${differences} of ${published} differ`);
    }
  print(
    `${total.incidents} incidents judged again: ${total.differences} of ${total.published} transitions differ from what was published`,
  );
  return total.differences === 0;
};
