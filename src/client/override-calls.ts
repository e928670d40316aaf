import type { OverrideRequest, ShownOverride } from "../domain/override.ts";
import { ShownOverrideSchema } from "../domain/verdict.ts";
import type { Called } from "./called.ts";
import type { Connection, Stop } from "./connection.ts";
import { pathOf, type Place } from "./paths.ts";

/** An operator's decision, which outranks the judge until it expires. Needs an admin's token. */
export class Overrides {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  set(place: Place, body: OverrideRequest, ask: Stop = {}): Promise<Called<ShownOverride>> {
    return this.#connection.json(`${pathOf(place)}/override`, ShownOverrideSchema, {
      ...ask,
      method: "PUT",
      body,
    });
  }

  withdraw(place: Place, ask: Stop = {}): Promise<Called<null>> {
    return this.#connection.done(`${pathOf(place)}/override`, { ...ask, method: "DELETE" });
  }
}
