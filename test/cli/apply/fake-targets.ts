import type { IncomingMessage, ServerResponse } from "node:http";
import { maskedHeaders } from "../../../src/domain/secrets.ts";
import type { TargetConfig } from "../../../src/domain/target.ts";
import { type FakeDetector, json, problem } from "../fake-detector.ts";

const PATH = /^\/v1\/sites\/([^/]+)\/targets(?:\/([^/]+))?$/;

/** Targets as the detector keeps them, with ETags and masked secrets, and a record of the changes. */
export class FakeTargets {
  readonly kept = new Map<string, { config: TargetConfig; revision: number }>();
  /** Each PUT and DELETE that was carried out. */
  readonly done: string[] = [];
  /** Runs before each answer. A test may change a target here, as another client would that is quicker. */
  before: (method: string, name: string) => void = () => undefined;
  #revision = 0;

  constructor(api: FakeDetector) {
    api.route = (request, response, body) => {
      const [, site = "", target] = PATH.exec(request.url ?? "") ?? [];
      if (site === "") return false;
      if (target === undefined) this.#list(site, response);
      else this.#one(request, response, `${site}/${target}`, body);
      return true;
    };
  }

  put(name: string, config: TargetConfig): void {
    this.kept.set(name, { config, revision: ++this.#revision });
  }

  #list(site: string, response: ServerResponse): void {
    const names = [...this.kept.keys()].filter((name) => name.startsWith(`${site}/`));
    if (names.length === 0) problem(response, 404, "no such site");
    else json(response, { targets: names.map((name) => this.#shown(name)) });
  }

  #one(
    { method = "", headers }: IncomingMessage,
    response: ServerResponse,
    name: string,
    body: string,
  ): void {
    this.before(method, name);
    const old = this.kept.get(name);
    const ifMatch = headers["if-match"];
    if (ifMatch !== undefined && ifMatch !== `"${old?.revision}"`)
      return problem(response, 412, "not as If-Match says");
    if (method === "PUT") this.#put(name, JSON.parse(body) as TargetConfig);
    else if (old === undefined) return problem(response, 404, "no such target");
    if (method === "DELETE") {
      this.kept.delete(name);
      this.done.push(`DELETE ${name} ${ifMatch}`);
      response.writeHead(204).end();
      return;
    }
    json(response, this.#shown(name), { ETag: `"${this.kept.get(name)?.revision}"` });
  }

  #put(name: string, config: TargetConfig): void {
    this.put(name, config);
    this.done.push(`PUT ${name}`);
  }

  #shown(name: string): object {
    const [site, target] = name.split("/");
    const at = "2026-11-22T18:30:05.000Z";
    const shown = maskedHeaders(this.kept.get(name)?.config ?? { url: "" });
    return { site, target, ...shown, createdAt: at, updatedAt: at, warnings: ["fewer than 3 vantages"] };
  }
}
