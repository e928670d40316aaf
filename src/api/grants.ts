import type { Grant } from "../domain/token.ts";
import { ageMs } from "./age.ts";
import { reasonOf, warn } from "./log.ts";
import { readShard, type Deployment } from "./shards.ts";

/** How tokens made here look; anything else is not asked about. */
const TOKEN = /^plx_[A-Za-z0-9_-]{43}$/;
const TOKEN_BYTES = 32;
/** A revoked token opens reads for so long at most; what changes something is always asked about. */
const REMEMBERED_MS = 10_000;
const MAX_REMEMBERED = 2_000;

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** A new token: 256 random bits. */
export const newToken = (): string => `plx_${base64url(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)))}`;

/** By what a token is known without being kept: SHA-256 in hex. No salt, since tokens are random. */
export const hashOf = async (token: string): Promise<string> => {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

interface Known {
  grant: Grant | null;
  at: number;
}

/** What stored tokens open, as shard 0 knows it, remembered by the isolate. */
export class Grants {
  readonly #known = new Map<string, Known>();

  /**
   * What the token opens, or null. `isReading`: an answer some seconds old will do, and an older one when
   * shard 0 does not answer. Throws ApiError `unavailable` where nothing is known.
   */
  async of(at: Deployment, token: string, isReading: boolean): Promise<Grant | null> {
    if (!TOKEN.test(token)) return null;
    const hash = await hashOf(token);
    const known = this.#known.get(hash);
    if (isReading && known !== undefined && ageMs(known.at) < REMEMBERED_MS) return known.grant;
    try {
      const grant = await readShard(at, 0, (a) => a.grant(hash));
      this.#remember(hash, { grant, at: Date.now() });
      return grant;
    } catch (error) {
      if (!isReading || known === undefined) throw error;
      warn("api.grants", { reason: reasonOf(error) });
      return known.grant;
    }
  }

  #remember(hash: string, known: Known): void {
    this.#known.delete(hash);
    this.#known.set(hash, known);
    if (this.#known.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}
