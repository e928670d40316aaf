// The proof inside the lab's own namespaces: when this process ends, all of it ends. One JSON argument: ProofOptions.
import { mkdir, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { setTimeout as wait } from "node:timers/promises";
import { until } from "../../scripts/until.ts";
import type { VerdictAnswer } from "../../src/domain/verdict.ts";
import type { ShadowReport } from "../../src/cli/shadow/report/shadow-report.ts";
import { Daemon } from "../consumers/daemon.ts";
import { cutPaths, cutSite } from "../lab/cuts.ts";
import { type Fault, filterOn } from "../lab/fault.ts";
import { isInParent, LAB_DIR } from "../lab/parent.ts";
import { addressOf, CONSOLE, CORE, nodeOf, REMOTE_IDS, type Site, SITES } from "../lab/topology.ts";
import { allWell, key, machineOf, startWorld, type World } from "../lab/world.ts";
import { type Checker, haproxy, kuma, prometheus } from "./checkers.ts";
import { type Away, type Change, type Done, judgeReport, type Outcome } from "./judge.ts";
import type { ProofOptions } from "./options.ts";

const execute = promisify(execFile);
const options = JSON.parse(process.argv[2] ?? "") as ProofOptions;
const PROGRAM = fileURLToPath(new URL("../../dist/parallax.mjs", import.meta.url));
const EVERY_MS = 2_000;
const WITNESS_MS = 250;
/** Kuma looks each 20 s; what both call over must be so before the next fault of that node. */
const LASTS_MS = [40_000, 50_000] as const;
const QUIET_MS = 58_000;
const TOLERANCE = "24s";

const begin = performance.now();
const tell = (text: string): void =>
  console.error(`${((performance.now() - begin) / 1_000).toFixed(0).padStart(4)} s ${text}`);

/** Mulberry32 (Ettinger): small, and the same from one seed. */
const drawer = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

interface Kind extends Pick<Done, "kind" | "parallaxSees" | "checkerSees" | "failover"> {
  isOfSite: boolean;
  /** While it lasts no other may: where more than half of all targets over two sites fall silent, the detector suspects itself. */
  isAlone?: boolean;
  make: (world: World, site: Site, target: string) => Fault;
}

const seen = (kind: string, failover: boolean, make: Kind["make"], isOfSite = false): Kind => ({
  kind,
  parallaxSees: true,
  checkerSees: true,
  failover,
  isOfSite,
  make,
});
const of = (world: World, site: Site, target: string) => machineOf(world, key(site, target));

const KINDS: readonly Kind[] = [
  seen("kill", true, (world, site, target) => of(world, site, target).crash()),
  seen("freeze", false, (world, site, target) => of(world, site, target).freeze()),
  {
    kind: "cut of the checkers",
    parallaxSees: false,
    checkerSees: true,
    failover: false,
    isOfSite: true,
    make: (_, site) => cutPaths([CONSOLE], site),
  },
  { ...seen("cut of the site", false, (_, site) => cutSite(site), true), isAlone: true },
  {
    kind: "cut of two vantages",
    parallaxSees: false,
    checkerSees: false,
    failover: false,
    isOfSite: true,
    make: (_, site) => cutPaths(REMOTE_IDS.slice(0, 2), site),
  },
  {
    kind: "loss of 30 %",
    parallaxSees: undefined,
    checkerSees: undefined,
    failover: false,
    isOfSite: false,
    make: (_, site, target) => {
      const address = addressOf(nodeOf(site, Number(target.slice(-1))));
      return filterOn(CORE, { forward: [`ip daddr ${address} numgen random mod 100 < 30 drop`] });
    },
  },
];

/** Faults in force, by what they are. */
const inForce = new Set<Kind>();

/** Until this one may begin; from then on it is in force. */
const turnOf = async (kind: Kind): Promise<void> => {
  const mayBegin = (): boolean =>
    kind.isAlone === true ? inForce.size === 0 : [...inForce].every(({ isAlone }) => isAlone !== true);
  while (!mayBegin()) await wait(500);
  inForce.add(kind);
};

/** Faults of one site, one after the other, each node in its turn; each kind once before any again. */
const playSite = async (world: World, site: Site, draw: () => number, end: number): Promise<Done[]> => {
  const done: Done[] = [];
  let left: Kind[] = [];
  for (let turn = 0; performance.now() + LASTS_MS[1] + QUIET_MS < end; turn++) {
    if (left.length === 0) left = [...KINDS];
    const [drawn] = left.splice(Math.floor(draw() * left.length), 1);
    if (drawn === undefined) break;
    // Two of one kind may be in force.
    const kind = { ...drawn };
    await turnOf(kind);
    const target = `db-${(turn % 2) + 1}`;
    const { make, isOfSite, isAlone: _, ...said } = kind;
    const fault = make(world, site, target);
    const lastsMs = LASTS_MS[0] + draw() * (LASTS_MS[1] - LASTS_MS[0]);
    const from = Date.now();
    await fault.apply();
    tell(`${said.kind} of ${site}${isOfSite ? "" : `/${target}`} for ${(lastsMs / 1_000).toFixed(0)} s`);
    await wait(lastsMs);
    await fault.undo();
    inForce.delete(kind);
    const targets = isOfSite ? [`${site}/db-1`, `${site}/db-2`] : [`${site}/${target}`];
    done.push({ ...said, targets, from, to: Date.now() });
    await wait(QUIET_MS + draw() * 4_000);
  }
  return done;
};

/** What is asked directly, again and again, and each change of it. */
class Witness {
  readonly changes: Change[] = [];
  #isOver = false;
  readonly #loop: Promise<void>;

  constructor(ask: () => Promise<Map<string, boolean>>, everyMs: number) {
    this.#loop = this.#run(ask, everyMs);
  }

  async #run(ask: () => Promise<Map<string, boolean>>, everyMs: number): Promise<void> {
    const known = new Map<string, boolean>();
    while (!this.#isOver) {
      const states = await ask().catch(() => new Map<string, boolean>());
      const at = Date.now();
      for (const [target, up] of states) {
        if (known.get(target) !== up) this.changes.push({ target, at, up });
        known.set(target, up);
      }
      await wait(everyMs);
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#loop;
  }
}

/** One checker and the shadow that follows it. */
class Pair {
  readonly checker: Checker;
  readonly journal: string;
  readonly #url: string;
  readonly away: Away[] = [];
  readonly gaps: Away[] = [];
  readonly witness: Witness;
  #shadow: Daemon;

  constructor(checker: Checker, dir: string, url: string) {
    this.checker = checker;
    this.journal = join(dir, `${checker.name}.jsonl`);
    this.#url = url;
    // Kuma checks a password each time, which is made to take long.
    this.witness = new Witness(checker.ask, checker.name === "kuma" ? 3 * WITNESS_MS : WITNESS_MS);
    this.#shadow = this.#follow();
  }

  get log(): string {
    return this.#shadow.log;
  }

  #follow(): Daemon {
    const line = [process.execPath, PROGRAM, "shadow", ...this.checker.args];
    const env = { ...this.checker.env, PARALLAX_URL: this.#url, PARALLAX_TOKEN: "local-read" };
    return new Daemon(
      `shadow of ${this.checker.name}`,
      [...line, "--out", this.journal, "--every-ms", `${EVERY_MS}`],
      { env },
    );
  }

  async restartChecker(forMs: number): Promise<void> {
    tell(`${this.checker.name} is killed for ${(forMs / 1_000).toFixed(0)} s`);
    const from = Date.now();
    await this.checker.kill();
    await wait(forMs);
    await this.checker.start();
    this.away.push({ from, to: Date.now() });
  }

  async restartShadow(forMs: number): Promise<void> {
    tell(`the shadow of ${this.checker.name} is killed for ${(forMs / 1_000).toFixed(0)} s`);
    this.#shadow.mustRun();
    const from = Date.now();
    this.#shadow.signal("SIGKILL");
    await this.#shadow.stop();
    await wait(forMs);
    this.#shadow = this.#follow();
    this.gaps.push({ from, to: Date.now() });
  }

  async stop(): Promise<void> {
    this.#shadow.mustRun();
    await this.#shadow.stop();
    await this.witness.stop();
  }

  async report(format: string): Promise<string> {
    const words = ["shadow", "report", this.journal, "--format", format, "--tolerance", TOLERANCE];
    const { stdout } = await execute(process.execPath, [PROGRAM, ...words], { maxBuffer: 64 * 1_048_576 });
    return stdout;
  }
}

/** Each checker is killed once in a while, and each shadow. */
const disturb = async (pairs: readonly Pair[], draw: () => number, end: number): Promise<void> => {
  const spanMs = end - performance.now();
  const pieces = 2 * pairs.length;
  for (let turn = 0; turn < pieces; turn++) {
    await wait((spanMs / (pieces + 1)) * (0.7 + 0.4 * draw()));
    const pair = pairs[turn % pairs.length];
    if (turn < pairs.length) await pair?.restartShadow(4_000 + 4_000 * draw());
    else await pair?.restartChecker(8_000 + 6_000 * draw());
  }
};

const run = async (): Promise<Outcome> => {
  const world = await startWorld(tell);
  await allWell(world);
  // From here on the witness asks: ten times a second of each target is more than is needed.
  await world.watch.stop();
  const { api } = world.detector;
  const nodes = new Map(
    SITES.flatMap((site) =>
      ["db-1", "db-2"].map((target): [string, string] => [
        `${site}/${target}`,
        `http://${of(world, site, target).address}:8080`,
      ]),
    ),
  );
  const dir = options.keep ?? join(LAB_DIR, "proof");
  await mkdir(dir, { recursive: true });
  tell("starting the checkers");
  const home = join(LAB_DIR, "checkers");
  const checkers = [
    await prometheus(join(home, "prometheus"), nodes),
    await haproxy(join(home, "haproxy"), nodes),
    ...(options.kuma === undefined ? [] : [await kuma(join(home, "kuma"), nodes, options.kuma)]),
  ];
  for (const checker of checkers) if (checker.name !== "kuma") await checker.start();
  for (const checker of checkers)
    await until(async () => [...(await checker.ask()).values()].filter(Boolean).length === nodes.size, {
      withinMs: 60_000,
      explain: () => `${checker.name} does not see all nodes`,
    });
  const parallax = new Witness(async () => {
    const { text } = await api.ask("/v1/verdicts");
    const { verdicts } = JSON.parse(text) as { verdicts: VerdictAnswer[] };
    return new Map(
      verdicts.map(({ site, target, advice }) => [`${site}/${target}`, advice.routing === "serve"]),
    );
  }, WITNESS_MS);
  const pairs = checkers.map((checker) => new Pair(checker, dir, api.url));
  await wait(15_000);
  for (const pair of pairs) tell(`the shadow says:\n${pair.log}`);
  const end = performance.now() + options.minutes * 60_000;
  const draw = drawer(options.seed);
  const [played] = await Promise.all([
    Promise.all(SITES.map((site) => playSite(world, site, draw, end))),
    disturb(pairs, draw, end),
  ]);
  await wait(Math.max(0, end - performance.now()));
  const faults = played.flat();
  await parallax.stop();
  const outcome: Outcome = { lines: [], wrong: [] };
  for (const pair of pairs) {
    await pair.stop();
    const report = JSON.parse(await pair.report("json")) as ShadowReport;
    const truth = {
      faults,
      away: pair.away,
      gaps: pair.gaps,
      checker: pair.witness.changes,
      parallax: parallax.changes,
    };
    const { lines, wrong } = judgeReport(report, truth);
    outcome.lines.push(...lines);
    outcome.wrong.push(...wrong);
    if (options.keep === undefined) continue;
    const { name } = pair.checker;
    await writeFile(join(dir, `${name}.truth.json`), JSON.stringify(truth));
    for (const [format, ending] of [
      ["json", "json"],
      ["html", "html"],
      ["text", "txt"],
      ["markdown", "md"],
    ] as const)
      await writeFile(join(dir, `${name}.report.${ending}`), await pair.report(format));
  }
  return outcome;
};

if (!isInParent()) throw new Error("this is not the lab's own network: start it by `npm run shadow:proof`");
process.on("disconnect", () => process.exit());
try {
  const outcome = await run();
  process.send?.(outcome, () => process.exit());
} catch (error) {
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}
