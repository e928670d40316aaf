import type { AggregatorRpc } from "../../domain/rpc.ts";
import { listedAs, type Grant, type TokenKey } from "../../domain/token.ts";
import { ageMs } from "../aggregators/age.ts";
import { CoalescedReads } from "../aggregators/coalesced-reads.ts";
import { reasonOf, warn } from "../errors/log-line.ts";
import { readShard, readShardTogether, unlessEarlier, type Deployment } from "../aggregators/shard-calls.ts";
import { Memory } from "../aggregators/reading-cache.ts";

/** How tokens made here look. The isolate asks about no other text. */
const TOKEN = /^plx_[A-Za-z0-9_-]{43}$/;
const PREFIX = "plx_";
/** 192 random bits, 32 characters of base64url, … */
const RANDOM_BYTES = 24;
const RANDOM_CHARACTERS = 32;
/** … and a tag of 66 bits: of so many guesses only one passes and costs a call. */
const TAG_CHARACTERS = 11;
/** How long a revoked token may still open reads. Writes are always asked about. */
const REMEMBERED_MS = 10_000;
const MAX_REMEMBERED = 2_000;
/** How soon an isolate learns that the last token without a tag has gone. */
const KEY_MS = 60_000;
/** How often at most an isolate asks which tokens without a tag exist, however many unlisted texts without a tag it is sent. */
const LISTED_MS = 1_000;

const encoder = new TextEncoder();

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** HMAC-SHA-256 (RFC 2104) by the deployment's key. */
export const macOf = async (key: string, text: string): Promise<Uint8Array> => {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", encoder.encode(key), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
};

/** Cut off (RFC 2104, section 5). */
const tagOf = async (key: string, random: string): Promise<string> =>
  base64url(await macOf(key, random)).slice(0, TAG_CHARACTERS);

/** A comparison whose time depended on the bytes would help an attacker to guess them one by one. Both must be of the same length. */
export const isSameTag = (given: string, right: string): boolean =>
  crypto.subtle.timingSafeEqual(encoder.encode(given), encoder.encode(right));

/** A new token: 192 random bits, and a tag by which every isolate sees that it was made here. */
export const newToken = async ({ key }: TokenKey): Promise<string> => {
  const random = base64url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));
  return `${PREFIX}${random}${await tagOf(key, random)}`;
};

const isTagged = async (token: string, { key }: TokenKey): Promise<boolean> => {
  const text = token.slice(PREFIX.length);
  // A right tag shows only that the token was made here. What it opens still has to be asked.
  return isSameTag(text.slice(RANDOM_CHARACTERS), await tagOf(key, text.slice(0, RANDOM_CHARACTERS)));
};

/** The name by which a token is known without being stored: SHA-256 in hex. No salt, since tokens are random. */
export const hashOf = async (token: string): Promise<string> => {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(token)));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** An aggregator of a release without tags has no key, so it is asked about every token. */
const keyOf = (aggregator: AggregatorRpc): Promise<TokenKey> =>
  unlessEarlier(
    () => aggregator.tokenKey(),
    () => ({ key: "none", untagged: true }),
  );

/** An earlier aggregator does not list the tokens without a tag, so any text may be one. */
const mayBeUntagged = ({ untagged, listed }: TokenKey, hash: string): boolean =>
  untagged && (listed?.includes(listedAs(hash)) ?? true);

interface Known {
  grant: Grant | null;
  at: number;
}

/** What stored tokens open according to shard 0, remembered by the isolate. */
export class Grants {
  readonly #known = new Memory<Known>(MAX_REMEMBERED);
  readonly #flights = new CoalescedReads();
  #key: (TokenKey & { at: number }) | undefined;

  /**
   * What the token opens, or null. `isReading`: an answer some seconds old will do, and an older one when shard 0 does not answer. Throws
   * ApiError `unavailable` where the isolate knows nothing of the token.
   */
  async of(at: Deployment, token: string, isReading: boolean): Promise<Grant | null> {
    if (!TOKEN.test(token)) return null;
    const hash = await hashOf(token);
    const known = this.#known.recall(hash);
    const isFresh = known !== undefined && ageMs(known.at) < REMEMBERED_MS;
    // A text that opens nothing never will: a token is stored before anybody has seen it.
    if (isFresh && (isReading || known.grant === null)) return known.grant;
    try {
      if (!known?.grant && (await this.#isForged(at, token, hash))) return null;
      const grant = await readShard(at, 0, (a) => a.grant(hash));
      // Remembered anew, so that it is the last to be dropped.
      this.#known.forget(hash);
      this.#known.remember(hash, { grant, at: Date.now() });
      return grant;
    } catch (error) {
      if (!isReading || known === undefined) throw error;
      warn("api.grants", { reason: reasonOf(error) });
      return known.grant;
    }
  }

  /** The key by which this deployment recognises the tokens it made, without a call where the isolate has it. */
  async tagKey(at: Deployment): Promise<string> {
    return (await this.#keyAt(at, KEY_MS)).key;
  }

  /**
   * Whether shard 0 need not be asked about this text: it has no tag of ours and is not one of the tokens without a tag that are left. A
   * flood of forged texts costs one call a second, and keeps out no known token.
   */
  async #isForged(at: Deployment, token: string, hash: string): Promise<boolean> {
    const key = await this.#keyAt(at, KEY_MS);
    if (await isTagged(token, key)) return false;
    return !mayBeUntagged(key, hash) && !mayBeUntagged(await this.#keyAt(at, LISTED_MS), hash);
  }

  /** The key itself never changes. The list beside it is at most `maxAgeMs` old. */
  async #keyAt(at: Deployment, maxAgeMs: number): Promise<TokenKey> {
    if (this.#key === undefined || (this.#key.untagged && ageMs(this.#key.at) >= maxAgeMs)) {
      const key = await readShardTogether(at, 0, this.#flights, "token key", keyOf);
      this.#key = { ...key, at: Date.now() };
    }
    return this.#key;
  }
}
