import type { Called } from "../client/called.ts";
import { check, type Check, type CheckKind, type Slant } from "../client/checks.ts";
import { Connection } from "../client/connection.ts";
import { pathOf, type Place, queryOf } from "../client/place.ts";
import { type VerdictFields, verdictFields } from "../client/verdict-fields.ts";
import type { Access } from "./flags.ts";
import { transportOn } from "./transport.ts";

/** Asks what somebody else's program acts on, once and quickly: that program starts us anew for each check. */
export class Inquiry {
  readonly #connection: Connection;

  readonly #stop: AbortSignal;

  /** `stop` ends all of it. */
  constructor({ url, token }: Access, stop: AbortSignal) {
    this.#connection = new Connection(url, token, Infinity, transportOn(process));
    this.#stop = stop;
  }

  /** `nonce` makes the question one that no cache has heard before. */
  verdict(place: Place, nonce?: string): Promise<Called<VerdictFields>> {
    const path = `${pathOf(place)}/verdict${queryOf({ nonce })}`;
    return this.#connection.json(path, verdictFields, { stop: this.#stop });
  }

  /** One of the three bits. */
  check(kind: CheckKind, place: Place, slant: Slant & { nonce?: string }): Promise<Called<Check>> {
    return check(this.#connection, kind, place, slant, { stop: this.#stop });
  }
}
