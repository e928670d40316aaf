// The main job on one machine: a detector under workerd, real processes, and what befalls them.
import { pathOf } from "./detector-api.ts";
import { play, type Result } from "./demo/play.ts";
import { bold, dim, green, print, printTable, red, showing } from "./demo/screen.ts";
import { STEPS } from "./demo/steps.ts";
import { endWorld, INTERVAL_MS, KEYS, nameOf, startWorld, TIMEOUT_MS, type World } from "./demo/world.ts";

const begin = performance.now();
const elapsed = (): string => `${((performance.now() - begin) / 1_000).toFixed(0)} s`;

const introduce = ({ detector, nodes, witness }: World, vantages: number): void => {
  print(
    `A detector with ${vantages} vantages on ${detector.api.url}; every ${INTERVAL_MS / 1_000} s each looks at each node, for at most ${TIMEOUT_MS / 1_000} s.`,
  );
  for (const [name, key] of Object.entries(KEYS)) {
    const { url, pid } = nodes[name as keyof typeof nodes];
    print(`  ${nameOf(key)}  ${url}  pid ${pid}${name === "db1" ? `  witness ${witness.url}` : ""}`);
  }
  print("Look for yourself while it runs:");
  print(`  curl -u :local-read ${detector.api.url}${pathOf(KEYS.db1)}/verdict`);
};

const tell = ({ step, verdict, seconds, up, failover, note, wrong }: Result): void => {
  const confirmed = verdict?.confirmed === true ? ", confirmed" : "";
  const said = `${verdict?.verdict ?? "no verdict"}${confirmed} after ${seconds.toFixed(1)} s · /up ${up} · /failover ${failover}${note === "" ? "" : ` · ${note}`}`;
  print(`      ${wrong.length === 0 ? green("✓") : red("✗")} ${said}`);
  if (verdict !== undefined && step.expected.verdict !== "alive") print(dim(`        ${verdict.because}`));
  for (const complaint of wrong) print(red(`        wrong: ${complaint}`));
};

const summarise = (results: Result[]): void => {
  print();
  printTable(
    ["what happened", "ground truth", "verdict", "confirmed", "seconds", "/up", "/failover", ""],
    results.map(({ step, verdict, seconds, up, failover, wrong }) => ({
      cells: [
        step.title,
        step.truth.replace(/ \(.*/, " *"),
        `${verdict?.verdict ?? "none"}${verdict?.verdict === "unreachable" ? ` (${verdict.scope})` : ""}`,
        verdict?.confirmed === true ? "yes" : "no",
        seconds.toFixed(1),
        String(up),
        String(failover),
        wrong.length === 0 ? "right" : "WRONG",
      ],
      mark: wrong.length === 0 ? (text) => text : red,
    })),
  );
  print(dim("* simulated at the vantage by a drill: dropping packets would need root"));
};

const run = async (): Promise<boolean> => {
  print(bold("Parallax: dead, hung, cut off, or is it the observer?"));
  const world = await showing(() => "starting the detector and the nodes", startWorld());
  const results: Result[] = [];
  try {
    introduce(world, (await world.detector.api.vantages()).length);
    for (const [index, step] of STEPS.entries()) {
      print();
      print(`${String(index + 1).padStart(2)}/${STEPS.length} ${bold(step.title)}`);
      print(dim(`      truth: ${step.truth}`));
      const result = await play(world, step);
      tell(result);
      results.push(result);
    }
  } finally {
    await endWorld(world);
  }
  summarise(results);
  const right = results.filter(({ wrong }) => wrong.length === 0).length;
  const polls = world.poller.seen.reduce((sum, { answers }) => sum + answers, 0);
  print(`${right} of ${results.length} right in ${elapsed()}; /failover polled ${polls} times.`);
  const odd = world.poller.seen.flatMap(({ wrong }) => wrong);
  if (odd.length > 0) print(red(`answers that no check may give: ${[...new Set(odd)].join(", ")}`));
  return right === STEPS.length && odd.length === 0;
};

process.exitCode = (await run()) ? 0 : 1;
