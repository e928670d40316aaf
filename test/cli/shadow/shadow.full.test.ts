import { createServer, type Server, type ServerResponse } from "node:http";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../../scripts/until.ts";
import type { Line } from "../../../src/domain/shadow-journal-lines.ts";
import { verdictNow } from "../fake-detector.ts";
import { Running } from "../running.ts";
import { Tape } from "./tape.ts";

/** A detector's verdicts and events and a checker's metrics, from one address. */
class Both {
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  /** The id of the last event with which each stream was resumed. */
  readonly resumed: (string | undefined)[] = [];
  status = 1;
  isAnswering = true;
  #sequence = 7;

  constructor() {
    this.#server = createServer((request, response) => {
      const path = new URL(request.url ?? "", "http://x").pathname;
      if (path === "/metrics") {
        if (!this.isAnswering) return void response.writeHead(500).end();
        const isKnown = request.headers.authorization === `Basic ${btoa(":key")}`;
        response.writeHead(isKnown ? 200 : 401);
        return void response.end(
          `monitor_status{monitor_name="DB 1"} ${this.status}\nmonitor_status{monitor_name="other"} 1\n`,
        );
      }
      if (path === "/v1/events") {
        this.resumed.push(request.headers["last-event-id"] as string | undefined);
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("event: ready\nid: r-1\ndata: {}\n\n");
        this.#streams.add(response);
        response.on("close", () => this.#streams.delete(response));
        return undefined;
      }
      response.writeHead(200, { "content-type": "application/json" });
      const verdict = { ...verdictNow("fra", "db-1"), sequence: this.#sequence };
      response.end(JSON.stringify({ verdicts: [verdict, verdictNow("fra", "db-2")] }));
      return undefined;
    });
  }

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  transition(id: string): void {
    const { site, target, confidence, because, advice } = verdictNow("fra", "db-1");
    const transition = {
      sequence: ++this.#sequence,
      at: new Date().toISOString(),
      from: "alive",
      to: "node_dead",
      rule: "dead",
      confirmed: true,
      confidence,
      because,
      advice: { ...advice, routing: "avoid", failover: true },
      evidence: [],
    };
    const data = JSON.stringify({ site, target, transition, drill: null, muted: null });
    for (const stream of this.#streams) stream.write(`event: transition\nid: ${id}\ndata: ${data}\n\n`);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

let both: Both;
let where: string;
let folder: string;
let journal: string;
const running: Running[] = [];
beforeEach(async () => {
  both = new Both();
  where = await both.start();
  folder = mkdtempSync(join(tmpdir(), "parallax-shadow-"));
  journal = join(folder, "shadow.jsonl");
});
afterEach(async () => {
  for (const run of running.splice(0)) {
    run.endGroup();
    await run.ended;
  }
  await both.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]): Running => {
  const environment = { PARALLAX_URL: where, PARALLAX_TOKEN: "local-read", CHECKER_BASIC: ":key" };
  const started = new Running(["shadow", ...args], environment);
  running.push(started);
  return started;
};
const shadow = (): Running => run("kuma", where, "--out", journal, "--every-ms", "500");

const lines = (): Line[] =>
  existsSync(journal)
    ? readFileSync(journal, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line)
    : [];
const wrote = (what: (line: Line) => boolean): Promise<Line> =>
  until(() => lines().find(what), {
    withinMs: 15_000,
    everyMs: 50,
    explain: () => `not written; there is: ${JSON.stringify(lines())}`,
  });

describe("parallax shadow", () => {
  it("writes down both, lives through a kill, and reports what it heard", async () => {
    const first = shadow();
    await until(() => first.stderr.includes("DB 1 = fra/db-1"), {
      withinMs: 15_000,
      explain: () => first.stderr,
    });
    expect(first.stderr).toMatch(/of the checker alone[^]*other[^]*of Parallax alone[^]*fra\/db-2/);
    await wrote((line) => line.kind === "verdicts" && line.verdicts.length === 1);
    both.transition("t-1");
    await wrote((line) => line.kind === "event" && line.id === "t-1");
    both.status = 0;
    await wrote((line) => line.kind === "checker" && line.states["DB 1"] === false);
    const rival = shadow();
    expect(await rival.ended).toBe(2);
    expect(rival.stderr).toContain("is being written by process");
    both.isAnswering = false;
    await wrote((line) => line.kind === "silent" && line.why.includes("500"));
    await first.end("SIGKILL");
    appendFileSync(journal, '{"kind":"che');
    both.isAnswering = true;
    const second = shadow();
    await wrote((line) => line.kind === "verdicts" && line.run === 2);
    expect(both.resumed).toEqual([undefined, "t-1"]);
    expect(await second.end("SIGTERM")).toBe(0);
    expect(lines().at(-1)?.kind).toBe("off");
    expect(lines().find((line) => line.kind === "on" && line.run === 2)).toMatchObject({ dropped: 12 });
    for (const format of ["text", "markdown", "json", "html"]) {
      const report = run("report", journal, "--format", format);
      expect(await report.ended).toBe(0);
      expect(report.stdout).toContain("fra/db-1");
    }
    const json = run("report", journal, "--format", "json", "--out", join(folder, "report.json"));
    expect(await json.ended).toBe(0);
    const report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Record<string, unknown>;
    expect(report).toMatchObject({
      runs: 2,
      gaps: { count: 1 },
      tornLines: 1,
      both: { count: 1 },
      downtime: { checker: { count: 1 } },
    });
  });

  it("lists whom names stand for, and says who does not answer", async () => {
    const list = run("kuma", where, "--list");
    expect(await list.ended).toBe(0);
    expect(list.stdout).toContain("matched: 1\n  DB 1 = fra/db-1");
    both.isAnswering = false;
    const silent = run("kuma", where, "--list");
    expect(await silent.ended).toBe(4);
    expect(silent.stderr).toContain("the checker: it answered 500 to /metrics");
  });

  it("ends with 2 over what it cannot read, and names file, line and field", async () => {
    writeFileSync(journal, `${new Tape().text}{"kind":"beat","run":0,"at":1}\n`);
    const report = run("report", journal);
    expect(await report.ended).toBe(2);
    expect(report.stderr).toMatch(/shadow\.jsonl:\d+: run must be at least 1/);
    const none = run("report", join(folder, "none"));
    expect(await none.ended).toBe(2);
    const directory = run("report", folder);
    expect(await directory.ended).toBe(2);
    expect(directory.stderr).toContain(`${folder} is a directory: name a file`);
    const endless = run("kuma", where, "--out", "/dev/full");
    expect(await endless.ended).toBe(2);
    expect(endless.stderr).toContain("--out /dev/full is no regular file");
    const wrong = run("zabbix");
    expect(await wrong.ended).toBe(2);
    expect(wrong.stderr).toContain("KIND must be one of");
  });

  it("never writes a report over the journal, its older half, or what is there", async () => {
    const { text } = new Tape();
    writeFileSync(journal, text);
    const link = join(folder, "link");
    symlinkSync(journal, link);
    for (const out of [journal, link, `${folder}/./shadow.jsonl`, `${journal}.1`]) {
      const refused = run("report", journal, "--out", out);
      expect(await refused.ended).toBe(2);
      expect(refused.stderr).toContain(`--out ${out} is the journal, or its older half`);
    }
    expect(existsSync(`${journal}.1`)).toBe(false);
    expect(readFileSync(journal, "utf8")).toBe(text);
    const other = join(folder, "notes");
    writeFileSync(other, "keep me");
    const refused = run("report", journal, "--out", other);
    expect(await refused.ended).toBe(1);
    expect(refused.stderr).toContain(`${other} is there already: remove it, or name another`);
    expect(readFileSync(other, "utf8")).toBe("keep me");
    const nowhere = run("report", journal, "--out", join(folder, "none", "report"));
    expect(await nowhere.ended).toBe(1);
    expect(nowhere.stderr).toContain(join(folder, "none"));
  });

  it("follows a command by its exit status", async () => {
    const state = join(folder, "state");
    writeFileSync(state, "0");
    const followed = run(
      "command",
      "fra/db-1",
      "--out",
      journal,
      "--every-ms",
      "500",
      "--",
      "sh",
      "-c",
      `[ {target} = db-1 ] && exit $(cat ${state})`,
    );
    await wrote((line) => line.kind === "checker" && line.states["fra/db-1"] === true);
    writeFileSync(state, "7");
    await wrote((line) => line.kind === "checker" && line.states["fra/db-1"] === false);
    writeFileSync(state, "127");
    await wrote((line) => line.kind === "checker" && line.states["fra/db-1"] === null);
    expect(await followed.end("SIGTERM")).toBe(0);
  });
});
