import type { ServerResponse } from "node:http";
import type { LeaderAnswer, LeaseAnswer } from "../../../../src/domain/group.ts";
import { json, problem } from "../../fake-detector.ts";
import type { Asked } from "../../loopback.ts";
import { FakeHearing } from "../fake-hearing.ts";

/** The answer to a request for the lease. `hang`: no answer, ever. */
export type Mind =
  | { kind: "grant"; epoch: number; leaseMs: number; lease: LeaseAnswer["lease"] }
  | { kind: "refuse"; leader: LeaderAnswer | null; detail: string }
  | { kind: "hang" }
  | { kind: "status"; status: number };

const TOKEN = "Bearer local-notify";

/** The part of the detector that a member of one group talks to. The test scripts its answers. */
export class FakeConductor extends FakeHearing {
  mind: Mind = { kind: "refuse", leader: null, detail: "nobody leads yet" };
  /** For each request for the lease: when it arrived, and whether it was granted. Milliseconds of this process. */
  readonly asks: { atMs: number; isGranted: boolean }[] = [];
  readonly released: number[] = [];
  readonly #strangers: string[] = [];

  /** When the newest granted request arrived. The agent sent it before that. */
  get grantedAtMs(): number {
    return this.asks.findLast(({ isGranted }) => isGranted)?.atMs ?? Number.NaN;
  }

  /** Tokens and words that do not fit the contract. */
  get wrong(): string[] {
    const unknown = this.heard.flatMap(({ word, path }) => (word === "wrong" ? [path] : []));
    return [...this.#strangers, ...unknown];
  }

  protected override told(): string {
    return `asked ${this.asks.length} times, released ${this.released.join()}`;
  }

  protected override answer(asked: Asked, response: ServerResponse): void {
    const { authorization = "" } = asked.headers;
    if (authorization !== TOKEN) this.#strangers.push(authorization);
    if (asked.path === "/v1/groups/db/lease") this.#lease(JSON.parse(asked.body), response);
    else super.answer(asked, response);
  }

  #lease(body: unknown, response: ServerResponse): void {
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
      return json(response, { epoch, leaseMs, lease, until: new Date(Date.now() + leaseMs).toISOString() });
    }
    const { detail, leader } = mind;
    json(response, { type: "urn:parallax:problem:conflict", detail, leader }, {}, 409);
  }
}
