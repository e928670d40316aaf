import { type Called, failed } from "../../../client/called.ts";
import { check, type Check, type CheckKind, type CheckView } from "../../../client/check-calls.ts";
import { type Answer, Connection } from "../../../client/connection.ts";
import type { Reader } from "../../../client/reader.ts";
import { part, pathOf, type Place, queryOf } from "../../../client/paths.ts";
import { type VerdictFields, verdictFields } from "../../../client/verdict-fields.ts";
import type { Access } from "../arguments/flags.ts";
import { CUT_OFF, tellsItsEnd } from "../network/whole.ts";
import { placeIn } from "../arguments/place.ts";
import { boundLookups } from "../network/lookup.ts";
import { transportOn } from "../network/node-transport.ts";

/** The leader, as `…/leader?format=text` returns it. */
interface Leader {
  member: string;
  address: string;
  epoch: number;
}

const leaderIn = ({ status, text }: Answer): Leader | null => {
  const line = /^([a-z0-9-]+\/[a-z0-9-]+) ([\x21-\x7e]{1,255}) (\d{1,15})\r?\n?$/.exec(text);
  const [, member = "", address = "", epoch = ""] = status === 200 && line !== null ? line : [];
  return member === "" ? null : { member, address, epoch: Number(epoch) };
};

/** The names of a group's members, of its whole answer, whose schema takes long to load. */
const memberNames: Reader<string[]> = {
  safeParse: (value) => {
    const { members } = Object(value) as { members?: unknown };
    const names = Array.isArray(members)
      ? members.map((member) => {
          const { site, target } = Object(member) as { site?: unknown; target?: unknown };
          return `${String(site)}/${String(target)}`;
        })
      : [];
    return names.length > 0 && names.every((name) => placeIn(name) !== undefined)
      ? { success: true, data: names }
      : { success: false, error: { message: "members is not a list of members" } };
  },
};

/** Asks a question for another program that acts on the answer, once and quickly: that program starts ours anew for each check. */
export class Inquiry {
  readonly #connection: Connection;

  readonly #stop: AbortSignal;

  /** `stop` ends every call. */
  constructor({ url, token }: Access, stop: AbortSignal) {
    boundLookups(process.env);
    this.#connection = new Connection(url, token, Infinity, transportOn(process));
    this.#stop = stop;
  }

  /** The answer, or why it cannot be the detector's own current answer. */
  #sound<T>(called: Called<T>, isYes = false): Called<T> {
    if (called.kind !== "ok") return called;
    const age = called.headers?.get("Age") ?? "0";
    // An answer of age 0 is as good as the detector's own: the cache has just asked.
    if (age.trim() !== "0") return failed("a cache answered in the detector's place");
    return isYes && !tellsItsEnd(called.headers) ? failed(CUT_OFF) : called;
  }

  /** `nonce` makes the question one that no cache knows. */
  async verdict(place: Place, nonce?: string): Promise<Called<VerdictFields>> {
    const path = `${pathOf(place)}/verdict${queryOf({ nonce })}`;
    return this.#sound(await this.#connection.json(path, verdictFields, { stop: this.#stop }));
  }

  /** The leader of a group: the answer is small enough to be read without a schema. */
  async leader(group: string, nonce: string): Promise<Called<Leader>> {
    const path = `/v1/groups/${part(group)}/leader${queryOf({ format: "text", nonce })}`;
    const called = await this.#connection.checked(path, leaderIn, { stop: this.#stop });
    return this.#sound(called, true);
  }

  /** The members of a group, as `site/target`. */
  members(group: string): Promise<Called<string[]>> {
    return this.#connection.json(`/v1/groups/${part(group)}`, memberNames, { stop: this.#stop });
  }

  /** One of the three bits. */
  async check(kind: CheckKind, place: Place, slant: CheckView & { nonce?: string }): Promise<Called<Check>> {
    const called = await check(this.#connection, kind, place, slant, { stop: this.#stop });
    return this.#sound(called, called.kind === "ok" && called.value.bit);
  }
}
