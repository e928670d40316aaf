import { beforeEach, describe, expect, it, vi } from "vitest";
import { TargetHealthSchema } from "../../../src/domain/health.ts";
import { VerdictSchema, type VerdictAnswer } from "../../../src/domain/verdict.ts";
import { platformError, verdictOf } from "../fake.ts";
import { advice, stage } from "../stage.ts";
import { DB1, problemIn, READ } from "../world.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

const avoiding = { advice: advice("avoid") };

describe("200, 429 and 503", () => {
  const rows: [string, Partial<VerdictAnswer>, string, number][] = [
    ["alive", {}, "", 200],
    ["gray, some still get an answer", { verdict: "gray" }, "", 429],
    ["partitioned", { verdict: "partitioned" }, "", 429],
    ["unknown after alive", { verdict: "unknown", stale: true }, "", 429],
    ["gray, nobody gets an answer", { verdict: "gray", ...avoiding }, "", 503],
    ["unknown after dead", { verdict: "unknown", stale: true, ...avoiding }, "", 503],
    ["crashed", { verdict: "process_crashed", ...avoiding }, "", 503],
    ["hung", { verdict: "process_hung", ...avoiding }, "", 503],
    ["dead", { verdict: "node_dead", ...avoiding }, "", 503],
    ["isolated", { verdict: "isolated", ...avoiding }, "", 503],
    ["unreachable", { verdict: "unreachable", ...avoiding }, "", 503],
    ["gray taken for down", { verdict: "gray" }, "?gray=down", 503],
    ["a partition taken for down", { verdict: "partitioned" }, "?partition=down", 503],
    ["gray taken for down, but it is alive", {}, "?gray=down&partition=down", 200],
    [
      "from a region that is cut off",
      { verdict: "partitioned", advice: advice("serve", false, { enam: "serve", weur: "avoid" }) },
      "?from=weur",
      503,
    ],
    [
      "from a region that reaches it",
      { verdict: "partitioned", advice: advice("serve", false, { enam: "serve", weur: "avoid" }) },
      "?from=enam",
      429,
    ],
    ["a parameter of the poller's own", {}, "?cachebuster=17", 200],
  ];
  it.each(rows)("%s%3$s: %4$i", async (_, changes, query, expected) => {
    const { status } = stage(changes);
    expect([await status(`consul${query}`), await status(`health${query}`)]).toEqual([expected, expected]);
  });

  it("from nowhere: 400", async () => {
    const { ask } = stage({});
    for (const kind of ["consul", "health"]) {
      const problem = await problemIn(await ask(`${DB1}/${kind}?from=mars`, { headers: READ }));
      expect(problem).toMatchObject({ status: 400, errors: [{ path: "from" }] });
    }
  });

  it("of a target that is not there: 404", async () => {
    const { ask } = stage({});
    for (const kind of ["consul", "health"]) {
      const answer = await ask(`/v1/sites/fra/targets/none/${kind}`, { headers: READ });
      expect((await problemIn(answer)).status).toBe(404);
    }
  });
});

describe("the line for Consul", () => {
  it.each([
    [{}, "passing alive fra/db-1 seq=42"],
    [{ verdict: "gray" }, "warning gray fra/db-1 seq=42"],
    [
      { verdict: "node_dead", ...avoiding, drill: "drill-7" },
      "critical node_dead fra/db-1 seq=42 drill=drill-7",
    ],
  ] as [Partial<VerdictAnswer>, string][])("%j: %s", async (changes, line) => {
    const { ask } = stage(changes);
    const answer = await ask(`${DB1}/consul`, { headers: READ });
    expect(answer.headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
    expect(await answer.text()).toBe(`${line}\n`);
  });
});

describe("the body of health", () => {
  const bodyOf = async (changes: Partial<VerdictAnswer>) => {
    const { ask } = stage(changes);
    const answer = await ask(`${DB1}/health`, { headers: READ });
    expect(answer.headers.get("Content-Type")).toBe("application/health+json");
    return TargetHealthSchema.parse(await answer.json());
  };
  const at = "2026-11-22T18:30:08.100Z";

  it("passes with a check a vantage, and no output", async () => {
    const body = await bodyOf({});
    expect(body).toMatchObject({ status: "pass", version: "1", serviceId: "fra/db-1" });
    expect(body.output).toBeUndefined();
    expect(body.notes).toEqual(["alive", "seq=42"]);
    expect(body.checks).toMatchObject({
      "weur:responseTime": [{ componentId: "weur", observedValue: 12, observedUnit: "ms", status: "pass" }],
    });
  });

  it("fails with what the judge says, and with what each vantage saw", async () => {
    const body = await bodyOf({
      verdict: "node_dead",
      ...avoiding,
      because: "5 of 5 sound vantages got no answer",
      paused: true,
      notCounted: [{ vantage: "eeur", reason: "faulty: 3 of 3 controls silent" }],
      evidence: [
        { vantage: "weur", at, outcome: "connect_timeout", stage: "connect", totalMs: 3_000 },
        { vantage: "eeur", at, outcome: "ok", stage: "done", totalMs: 9 },
      ],
    });
    expect(body).toMatchObject({ status: "fail", output: "5 of 5 sound vantages got no answer" });
    expect(body.notes).toEqual(["node_dead", "seq=42", "paused"]);
    expect(body.checks["weur:responseTime"]).toMatchObject([
      { status: "fail", time: at, output: "connect_timeout at connect" },
    ]);
    expect(body.checks["eeur:responseTime"]).toMatchObject([
      { status: "warn", output: "ok at done; not counted: faulty: 3 of 3 controls silent" },
    ]);
  });

  it("has the status of the HTTP status, for every verdict", async () => {
    const statusOf = { 200: "pass", 429: "warn", 503: "fail" } as Record<number, string>;
    for (const verdict of VerdictSchema.options)
      for (const changes of [{ verdict }, { verdict, ...avoiding }]) {
        const { ask } = stage(changes);
        const answer = await ask(`${DB1}/health`, { headers: READ });
        expect((await answer.json<{ status: string }>()).status).toBe(statusOf[answer.status]);
      }
  });
});

describe("our own trouble", () => {
  const moods: [string, () => Promise<void>][] = [
    ["throws", () => Promise.reject(platformError())],
    ["does not answer", () => new Promise(() => {})],
  ];

  it.each(moods)("the aggregator %s and nothing is remembered: a warning, never 503", async (_, mood) => {
    const { ask, aggregator } = stage({ verdict: "node_dead", ...avoiding });
    aggregator.mood = mood;
    const [consul, health] = await Promise.all(
      ["consul", "health"].map((kind) => ask(`${DB1}/${kind}`, { headers: READ })),
    );
    expect([consul?.status, health?.status]).toEqual([429, 429]);
    expect(await consul?.text()).toBe("warning unknown fra/db-1 unavailable\n");
    expect(TargetHealthSchema.parse(await health?.json())).toMatchObject({
      status: "warn",
      notes: ["unknown", "unavailable"],
      output: expect.stringContaining("own trouble"),
    });
    expect(health?.headers.get("Verdict-As-Of")).toBeNull();
  });

  it.each(moods)("the aggregator %s: the last answer stands", async (_, mood) => {
    const { ask, aggregator, status } = stage({ verdict: "node_dead", ...avoiding });
    await status("up");
    aggregator.mood = mood;
    const consul = await ask(`${DB1}/consul`, { headers: READ });
    expect(consul.status).toBe(503);
    expect(await consul.text()).toBe("critical node_dead fra/db-1 seq=42 cached\n");
    expect(consul.headers.get("Verdict-As-Of")).toBe(verdictOf().asOf);
    const health = await ask(`${DB1}/health`, { headers: READ });
    expect(health.status).toBe(503);
    expect((await health.json<{ notes: string[] }>()).notes).toContain("cached");
  });
});
