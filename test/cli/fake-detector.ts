import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { freePort } from "../../scripts/port.ts";
import type { VerdictAnswer } from "../../src/domain/verdict.ts";
import { type Asked, Loopback } from "./loopback.ts";

/** Ways in which a server at the detector's address fails to answer as the detector does. */
export const MOODS = [
  "500",
  "503",
  "401",
  "403",
  "404",
  "429",
  "slow",
  "gone",
  "silent",
  "truncated",
  "garbage",
  "portal",
  "empty",
  "huge",
  "redirect",
] as const;
export type Mood = (typeof MOODS)[number];

export const TOKEN = "local-read";
const TARGET = /^\/v1\/sites\/([^/]+)\/targets\/([^/]+)/;

export const verdictNow = (site: string, target: string): VerdictAnswer => {
  const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
  return {
    site,
    target,
    verdict: "alive",
    rule: "good",
    waitingFor: null,
    scope: "target",
    confirmed: false,
    confidence: 0.999,
    beliefs: { up: 0.999, crashed: 0, dead: 0.001, hung: 0, gray: 0, cut: 0 },
    sequence: 7,
    since: at(-600_000),
    asOf: at(-1_000),
    validUntil: at(14_000),
    stale: false,
    lastVerdict: null,
    because: "5 of 5 sound vantages got an answer",
    reachableFrom: ["enam", "weur", "wnam"],
    unreachableFrom: [],
    notCounted: [],
    evidence: [],
    advice: { routing: "serve", regions: {}, failover: false, reason: "alive" },
    drill: null,
    override: null,
    warnings: [],
    paused: false,
    muted: null,
    told: [],
  };
};

/** A node with a confirmed death; `changes` replaces fields. */
export const dead = (changes: Partial<VerdictAnswer> = {}): Partial<VerdictAnswer> => ({
  verdict: "node_dead",
  confirmed: true,
  sequence: 42,
  because: "5 of 5 sound vantages got no answer",
  reachableFrom: [],
  unreachableFrom: ["enam", "weur", "wnam"],
  advice: { routing: "avoid", regions: {}, failover: true, reason: "confirmed node_dead" },
  ...changes,
});

/** Answers requests in place of the reads. */
export type Part = (asked: Asked, response: ServerResponse) => unknown;

/**
 * The one fake detector: a real HTTP server with the detector's reads, which can misbehave by its mood. A test may mount another part in
 * place of the reads: words of nodes, leases, exchanges with vantages.
 */
export class FakeDetector extends Loopback {
  readonly asked: Asked[] = [];
  #part: Part | undefined;
  mood: Mood | "fine" = "fine";
  /** By `site/target`. */
  readonly verdicts = new Map<string, VerdictAnswer>();
  /** Gets each request before the reads; returns true where it has answered. */
  route: (request: IncomingMessage, response: ServerResponse, body: string) => boolean = () => false;
  /** The reasons that its own health gives. */
  reasons: string[] = [];
  /** Whether drills that are not live are behind the verdicts: then `/avoid` and `/failover` stay negative. */
  rehearsal = false;

  private constructor(port: number) {
    super(port, (request, response) => this.#answer(request, response));
  }

  static async start(): Promise<FakeDetector> {
    const api = new FakeDetector(await freePort());
    await api.appear();
    return api;
  }

  /** From now on `part` answers every request that arrives whole. A program that is killed while it sends has made no request. */
  mount(part: Part): void {
    this.#part = part;
  }

  get environment(): Record<string, string> {
    return { PARALLAX_URL: this.url, PARALLAX_TOKEN: TOKEN };
  }

  set(name: string, changes: Partial<VerdictAnswer> = {}): VerdictAnswer {
    const [site = "", target = ""] = name.split("/");
    const verdict = { ...verdictNow(site, target), ...changes };
    this.verdicts.set(name, verdict);
    return verdict;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => "");
    const { method = "", url: path = "", headers } = request;
    const asked = { method, path, headers, body };
    this.asked.push(asked);
    if (this.#part !== undefined) return void (request.complete && this.#part(asked, response));
    if (this.mood !== "fine") return this.#misbehave(this.mood, request, response);
    if (path === "/healthz")
      return json(response, {
        ok: this.reasons.length === 0,
        reasons: this.reasons,
        shards: [],
        rearmed: [],
      });
    if (headers.authorization !== `Bearer ${TOKEN}`) return problem(response, 401, "unknown token");
    if (this.route(request, response, body)) return;
    this.#read(path, response);
  }

  #read(path: string, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(path, this.url);
    if (pathname === "/v1/verdicts") {
      const site = searchParams.get("site");
      const verdicts = [...this.verdicts.values()].filter((each) => site === null || each.site === site);
      return json(response, { verdicts });
    }
    if (pathname === "/v1/avoid") return this.#avoids(searchParams, response);
    const [place = "", site = "", target = ""] = TARGET.exec(pathname) ?? [];
    const verdict = this.verdicts.get(`${site}/${target}`);
    if (verdict === undefined) return problem(response, 404, `no target ${site}/${target}`);
    if (pathname === `${place}/verdict`) return json(response, verdict);
    this.#check(pathname.slice(place.length + 1), verdict, searchParams, response);
  }

  #avoids(query: URLSearchParams, response: ServerResponse): void {
    const site = query.get("site");
    const verdicts = [...this.verdicts.values()].filter((each) => site === null || each.site === site);
    if (verdicts.length === 0) return problem(response, 404, "there is no target");
    const lines = verdicts.map((verdict) => `${this.#lineOf("avoid", verdict, query).line}\n`).join("");
    response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": lines.length }).end(lines);
  }

  #check(kind: string, verdict: VerdictAnswer, query: URLSearchParams, response: ServerResponse): void {
    const { bit, line } = this.#lineOf(kind, verdict, query);
    response.writeHead(bit ? 200 : 409, { "Content-Type": "text/plain" }).end(line);
  }

  #lineOf(kind: string, verdict: VerdictAnswer, query: URLSearchParams): { bit: boolean; line: string } {
    const { stale, paused, override, drill, advice } = verdict;
    const grayIsDown = query.get("gray") === "down" && verdict.verdict === "gray";
    const mayAct = !stale && !this.rehearsal;
    const isAvoided = advice.routing === "avoid" || grayIsDown;
    const [bit, yes, no] =
      kind === "avoid"
        ? ([isAvoided && mayAct, "avoid", "keep"] as const)
        : ([advice.failover && verdict.confirmed && mayAct, "failover", "hold"] as const);
    const remarks = [
      ...(stale ? ["stale"] : []),
      ...(paused ? ["paused"] : []),
      ...(override === null ? [] : ["override"]),
      ...(drill === null ? [] : [`drill=${drill}`]),
    ];
    const words = [
      verdict.verdict,
      `${verdict.site}/${verdict.target}`,
      `seq=${verdict.sequence}`,
      ...remarks,
    ];
    return { bit, line: [bit ? yes : no, ...words].join(" ") };
  }

  /** Each wrong answer that has any content has the most dangerous content. */
  #misbehave(mood: Mood, request: IncomingMessage, response: ServerResponse): void {
    switch (mood) {
      case "gone":
      case "silent":
        if (mood === "gone") request.socket.destroy();
        return;
      case "slow":
        setTimeout(() => this.#read(request.url ?? "", response), 3_500).unref();
        return;
      case "truncated":
        response.writeHead(200, { "Content-Length": "4000" });
        response.write('{"site":"fra","target":"db-1","verdict":"node_de', () => request.socket.destroy());
        return;
      case "garbage":
        response.writeHead(200).end('\u0000\u0001{"site":42');
        return;
      case "portal":
        response.writeHead(200, { "Content-Type": "text/html" }).end("<html>avoid failover DOWN</html>");
        return;
      case "empty":
        response.writeHead(200).end();
        return;
      case "huge":
        response.writeHead(200).end("avoid failover ".repeat(600_000));
        return;
      case "redirect":
        response.writeHead(302, { Location: `${this.url}/elsewhere` }).end();
        return;
      default:
        problem(response, Number(mood), `in the mood ${mood}`);
    }
  }
}

export const json = (
  response: ServerResponse,
  value: unknown,
  headers: Record<string, string> = {},
  status = 200,
): void => {
  response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(value));
};

export const problem = (response: ServerResponse, status: number, detail: string): void => {
  const body = { type: "urn:parallax:problem:x", title: "No", status, detail, errors: [] };
  response.writeHead(status, { "Content-Type": "application/problem+json" }).end(JSON.stringify(body));
};
