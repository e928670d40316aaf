import { until } from "../../scripts/until.ts";
import type { DetectorApi, Key } from "../../scripts/detector-api.ts";
import type { ShownObservation, VerdictAnswer } from "../../src/domain/verdict.ts";
import type { Daemon } from "../consumers/daemon.ts";
import { type Deed, DEEDS, type Found, type RealServer, type Seat, type Sight } from "./server.ts";

const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 2_000;
/** Several intervals, on a machine that does other things as well. */
const WITHIN_MS = 60_000;
/** Vantages on Node have names that begin so. */
export const ON_NODE = "node-";

/** One line of the results. */
export interface Row {
  server: string;
  deed: Deed;
  expected: string;
  /** What was wrong with it; empty where nothing was. */
  wrong: string;
  seconds: number;
}

const isFound = (
  { outcome, stage, detail = "", certificate }: ShownObservation,
  { finds, saying = "", signedBy }: Found,
): boolean =>
  [finds].flat().includes(`${outcome}/${stage}`) &&
  detail.includes(saying) &&
  (signedBy === undefined || certificate?.issuers.includes(signedBy) === true);

/**
 * Those that do not show it; one that shows nothing is awaited. A probe that is still under way tells nothing yet: of a server that
 * hangs some always are, and all of them are never over at one moment on a busy machine. One that is over must show it.
 */
const wrongs = (seen: readonly ShownObservation[], wanted: Found | undefined, whose: string): string[] => {
  if (wanted === undefined) return [];
  const over = seen.filter(({ outcome }) => outcome !== "pending");
  if (over.length === 0) return [`nothing from ${whose}`];
  return over
    .filter((one) => !isFound(one, wanted))
    .map(({ vantage, outcome, stage, detail }) => `${vantage} ${outcome}/${stage} "${detail ?? ""}"`);
};

/** What is not as it should be, in words. */
const illsOf = ({ verdict, evidence }: VerdictAnswer, sight: Sight): string => {
  const isNode = ({ vantage }: ShownObservation): boolean => vantage.startsWith(ON_NODE);
  return [
    ...(verdict === sight.verdict ? [] : [`verdict ${verdict}`]),
    ...wrongs(evidence.filter(isNode), sight.onNode, "Node"),
    ...wrongs(
      evidence.filter((one) => !isNode(one)),
      sight.onWorkers,
      "Workers",
    ),
  ].join("; ");
};

/** Waits for it, and says what is wrong if it never comes. */
const await_ = async (api: DetectorApi, key: Key, sight: Sight): Promise<string> => {
  let ills = "";
  const look = async (): Promise<boolean> => {
    ills = illsOf(await api.verdict(key), sight);
    return ills === "";
  };
  return until(look, { withinMs: WITHIN_MS, everyMs: 200, explain: () => ills }).then(
    () => "",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
};

/** Applies all deeds to one server, and reports each row as it ends. */
export class Play {
  readonly #server: RealServer;
  readonly #api: DetectorApi;
  readonly #seat: Seat;
  readonly #key: Key;
  #daemon: Daemon;

  private constructor(server: RealServer, api: DetectorApi, seat: Seat) {
    this.#server = server;
    this.#api = api;
    this.#seat = seat;
    this.#key = { site: server.name, target: "db-1" };
    this.#daemon = server.start(seat, false);
  }

  static async begin(
    server: RealServer,
    api: DetectorApi,
    seat: Seat,
    { witness, nodes }: { witness: string; nodes: string[] },
  ): Promise<Play> {
    await server.prepare(seat);
    const play = new Play(server, api, seat);
    await api.putTarget(play.#key, {
      url: server.url(seat),
      witness,
      intervalMs: INTERVAL_MS,
      timeoutMs: TIMEOUT_MS,
      ...(server.expect === undefined ? {} : { expect: server.expect }),
      ...(server.isForNode === true ? { vantages: nodes } : {}),
    });
    return play;
  }

  async run(tell: (row: Row) => void): Promise<Row[]> {
    const rows: Row[] = [];
    for (const deed of DEEDS) {
      const sight = this.#server.sights[deed];
      if (sight === undefined) continue;
      await this.#do(deed);
      const begin = performance.now();
      const wrong = await await_(this.#api, this.#key, sight);
      const seconds = (performance.now() - begin) / 1_000;
      const row = { server: this.#server.name, deed, expected: sight.verdict, wrong, seconds };
      rows.push(row);
      tell(row);
      await this.#undo(deed);
    }
    return rows;
  }

  async stop(): Promise<void> {
    this.#daemon.signal("SIGKILL");
    await this.#daemon.stop();
  }

  async #do(deed: Deed): Promise<void> {
    if (deed === "is frozen") this.#daemon.signal("SIGSTOP");
    if (deed === "is killed") await this.stop();
    if (deed === "is misconfigured") this.#daemon = this.#server.start(this.#seat, true);
    if (deed !== "is killed") this.#daemon.mustRun();
  }

  /** Frozen it is thawed, and seen to be well before it is killed. What is killed stays dead until it is misconfigured. */
  async #undo(deed: Deed): Promise<void> {
    const { runs } = this.#server.sights;
    if (deed !== "is frozen" || runs === undefined) return;
    this.#daemon.signal("SIGCONT");
    const wrong = await await_(this.#api, this.#key, runs);
    if (wrong !== "") throw new Error(`${this.#server.name} is not well after it was frozen: ${wrong}`);
  }
}
