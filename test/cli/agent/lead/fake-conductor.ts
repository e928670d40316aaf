import type { ServerResponse } from "node:http";
import { freePort } from "../../../../scripts/port.ts";
import { until } from "../../../../scripts/until.ts";
import type { LeaderAnswer, LeaseAnswer } from "../../../../src/domain/group.ts";
import { type HeartbeatRequest, HeartbeatRequestSchema } from "../../../../src/domain/heartbeat.ts";
import { type Asked, Loopback, whole } from "../../loopback.ts";
import { problem } from "../../fake-api.ts";

/** What an asking for the lease gets. `hang`: nothing, ever. */
export type Mind =
  | { kind: "grant"; epoch: number; leaseMs: number; lease: LeaseAnswer["lease"] }
  | { kind: "refuse"; leader: LeaderAnswer | null; detail: string }
  | { kind: "hang" }
  | { kind: "status"; status: number };

const WITHIN_MS = 20_000;

/** The detector as a member of one group meets it, behind a real HTTP server; one test scripts what it holds. */
export class FakeConductor {
  readonly server: Loopback;
  mind: Mind = { kind: "refuse", leader: null, detail: "nobody leads yet" };
  /** Each asking: when it had come, and whether it was granted. Milliseconds of this process. */
  readonly asks: { atMs: number; isGranted: boolean }[] = [];
  readonly released: number[] = [];
  readonly heartbeats: HeartbeatRequest[] = [];
  /** Anything that does not fit the contract. */
  readonly wrong: string[] = [];

  private constructor(port: number) {
    this.server = new Loopback(
      port,
      whole((asked, response) => this.#answer(asked, response)),
    );
  }

  static async start(): Promise<FakeConductor> {
    const conductor = new FakeConductor(await freePort());
    await conductor.server.appear();
    return conductor;
  }

  /** When the newest asking came that was granted: its sending was before. */
  get grantedAtMs(): number {
    return this.asks.findLast(({ isGranted }) => isGranted)?.atMs ?? Number.NaN;
  }

  async until(holds: () => boolean, what: string): Promise<void> {
    await until(holds, {
      withinMs: WITHIN_MS,
      everyMs: 10,
      explain: () => `not ${what}; asked ${this.asks.length} times, released ${this.released.join()}`,
    });
  }

  #answer({ path, body, authorization }: Asked, response: ServerResponse): void {
    if (authorization !== "Bearer local-notify") this.wrong.push(authorization);
    const at = new Date().toISOString();
    const json = (status: number, value: unknown): void =>
      void response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
    if (path === "/v1/groups/db/lease") return this.#lease(body, response, json);
    if (path.endsWith("/heartbeats")) this.heartbeats.push(HeartbeatRequestSchema.parse(body));
    else if (!path.endsWith("/notices")) this.wrong.push(path);
    json(202, { accepted: true, detail: "", at });
  }

  #lease(body: unknown, response: ServerResponse, json: (status: number, value: unknown) => void): void {
    const { mind } = this;
    const { released } = body as { released?: number };
    if (mind.kind === "hang") {
      if (released === undefined) this.asks.push({ atMs: performance.now(), isGranted: false });
      return;
    }
    if (released !== undefined) {
      this.released.push(released);
      response.writeHead(204).end();
      return;
    }
    this.asks.push({ atMs: performance.now(), isGranted: mind.kind === "grant" });
    if (mind.kind === "status") return problem(response, mind.status, "as the test has it");
    if (mind.kind === "grant") {
      const { epoch, leaseMs, lease } = mind;
      return json(200, { epoch, leaseMs, lease, until: new Date(Date.now() + leaseMs).toISOString() });
    }
    json(409, { type: "urn:parallax:problem:conflict", detail: mind.detail, leader: mind.leader });
  }
}
