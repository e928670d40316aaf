import {
  SitesAnswerSchema,
  TargetAnswerSchema,
  TargetsAnswerSchema,
  type SiteAnswer,
  type TargetAnswer,
  type TargetBody,
} from "../domain/target.ts";
import { type Called, mapped } from "./called.ts";
import type { Connection, Stop } from "./connection.ts";
import { pathOf, type Place, sitePath } from "./paths.ts";

/** A target with the tag that a later change may name. */
export interface TaggedTarget {
  target: TargetAnswer;
  /** For `ifMatch`; null where a proxy in between has removed it. */
  etag: string | null;
}

const tagged = (called: Called<TargetAnswer>): Called<TaggedTarget> =>
  mapped(called, (target) => ({
    target,
    etag: (called.kind === "ok" ? called.headers?.get("ETag") : null) ?? null,
  }));

type Nullable<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [Name in keyof T]?: Nullable<T[Name]> | null }
    : T;

/** The fields of a target that are to change. */
export type TargetPatch = Nullable<TargetBody>;

interface Condition extends Stop {
  /** Only if the target still has this tag; else the call is refused with 412. */
  ifMatch?: string | undefined;
}

/** The targets that are watched. */
export class Targets {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** All sites, and how many targets each has. */
  async sites(ask: Stop = {}): Promise<Called<SiteAnswer[]>> {
    return mapped(await this.#connection.json("/v1/sites", SitesAnswerSchema, ask), ({ sites }) => sites);
  }

  /** The targets of a site; refused with 404 where there are none. */
  async list(site: string, ask: Stop = {}): Promise<Called<TargetAnswer[]>> {
    const called = await this.#connection.json(`${sitePath(site)}/targets`, TargetsAnswerSchema, ask);
    return mapped(called, ({ targets }) => targets);
  }

  async get(place: Place, ask: Stop = {}): Promise<Called<TaggedTarget>> {
    return tagged(await this.#connection.json(pathOf(place), TargetAnswerSchema, ask));
  }

  /** Creates or replaces. */
  async put(
    place: Place,
    body: TargetBody,
    { ifMatch, ...ask }: Condition = {},
  ): Promise<Called<TaggedTarget>> {
    return tagged(
      await this.#connection.json(pathOf(place), TargetAnswerSchema, {
        ...ask,
        method: "PUT",
        body,
        headers: { "If-Match": ifMatch },
      }),
    );
  }

  /**
   * Changes only these fields (a JSON Merge Patch): `null` removes a field, so that its default holds again, and a list is replaced whole.
   * Changes that others make meanwhile to other fields are kept.
   */
  async patch(
    place: Place,
    patch: TargetPatch,
    { ifMatch, ...ask }: Condition = {},
  ): Promise<Called<TaggedTarget>> {
    return tagged(
      await this.#connection.json(pathOf(place), TargetAnswerSchema, {
        ...ask,
        method: "PATCH",
        body: patch,
        headers: { "Content-Type": "application/merge-patch+json", "If-Match": ifMatch },
      }),
    );
  }

  /** Forgets the target and its history. */
  delete(place: Place, { ifMatch, ...ask }: Condition = {}): Promise<Called<null>> {
    return this.#connection.done(pathOf(place), {
      ...ask,
      method: "DELETE",
      headers: { "If-Match": ifMatch },
    });
  }
}
