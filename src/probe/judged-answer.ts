import { judgeBody, type BodyReader, stopsAt, take, type Taken } from "./response-body.ts";
import { cacheWords, isCached } from "./cache.ts";
import { decoded, undecodable } from "./coding.ts";
import { bearsEdgeMarks, judgeEdgeAnswer } from "./failure.ts";
import type { Fields } from "./http-head.ts";
import type { Ending, Progress } from "./progress.ts";
import { type HttpExpect, httpExpect } from "./request.ts";
import type { ProbeSpec } from "./wire.ts";

const ignore = (): void => undefined;

/** An HTTP answer whose head has been read, by a socket or by `fetch`. */
export interface AnswerHead {
  status: number;
  fields: Fields;
  /** Null where the answer has no body. */
  body: BodyReader | null;
  /** Content codings that are still to be undone. */
  codings: string[];
  /** Whether an answer of Cloudflare in the target's stead comes from a proxy of the target's own. */
  isProxied: boolean;
}

/** The ending that an answer means, the same for all readers of HTTP. Cancels the rest of the body. */
export const judgeAnswer = async (
  heard: AnswerHead,
  spec: ProbeSpec,
  progress: Progress,
): Promise<Ending> => {
  progress.stage = "body";
  try {
    return marked(await judged(heard, spec, progress), heard.fields, httpExpect(spec));
  } finally {
    heard.body?.cancel().catch(ignore);
  }
};

const judged = async (heard: AnswerHead, spec: ProbeSpec, progress: Progress): Promise<Ending> => {
  const { status, fields, isProxied } = heard;
  const expect = httpExpect(spec);
  const challenge = judgeChallenge(fields.get("cf-mitigated"));
  if (challenge !== undefined) return challenge;
  if (expectsStatus(status, expect)) return judgeExpected(heard, expect, progress);
  if (!bearsEdgeMarks(fields)) return unexpected(status, fields.get("location"));
  const { bytes } = await taken(heard, undefined, progress);
  const edge = judgeEdgeAnswer(status, fields, new TextDecoder().decode(bytes));
  if (edge === undefined) return unexpected(status, fields.get("location"));
  return isProxied ? { ...edge, proxied: true } : edge;
};

const judgeExpected = async (
  heard: AnswerHead,
  expect: HttpExpect | undefined,
  progress: Progress,
): Promise<Ending> => {
  const ending = judgeBody(await taken(heard, expect, progress), expect, heard.fields.get("content-type"));
  const coding = undecodable(heard.codings);
  return ending.outcome === "app_error" && coding !== undefined
    ? { ...ending, detail: `${ending.detail}; it came as ${coding}, which is not decoded here` }
    : ending;
};

const taken = async (
  { body, codings, fields }: AnswerHead,
  expect: HttpExpect | undefined,
  progress: Progress,
): Promise<Taken> => {
  // An empty body has nothing to decode, though some platforms try.
  if (body === null || fields.get("content-length") === "0") return { how: "ended", bytes: new Uint8Array() };
  const plain = undecodable(codings) === undefined ? decoded(body, codings) : body;
  return take(plain, progress, stopsAt(expect, fields.get("content-type")));
};

/** An answer from a cache is `ok` if it is as expected, but proves nothing about the target behind the cache. */
const marked = (ending: Ending, fields: Fields, expect: HttpExpect | undefined): Ending => {
  const words = cacheWords(fields);
  if (words === "") return ending;
  const isOk = ending.outcome === "ok";
  if (isOk && expect?.fresh === true && isCached(fields))
    return {
      outcome: "app_error",
      stage: "body",
      detail: `not fresh, as expect.fresh has it: ${words}`,
      proxied: true,
    };
  const detail = ending.detail === undefined ? words : `${ending.detail} (${words})`;
  return { ...ending, detail, ...(isOk && isCached(fields) ? { proxied: true } : {}) };
};

/** Whether the status is expected: by default any 2xx; a redirect only if it is listed. */
const expectsStatus = (status: number, expect: HttpExpect | undefined): boolean =>
  expect?.status?.includes(status) ?? (status >= 200 && status < 300);

/** Cloudflare took the probe for a robot (`cf-mitigated`). That says nothing about the target. */
const judgeChallenge = (mitigated: string | null): Ending | undefined =>
  mitigated?.toLowerCase() === "challenge"
    ? { outcome: "blocked", stage: "response", detail: "a bot challenge (cf-mitigated: challenge)" }
    : undefined;

const LOCATION_SHOWN = 120;

/** A redirect may repeat the query of the request with its secrets, or hold a token in the fragment or a password before the host. */
const placeIn = (location: string): string =>
  location
    .replace(/([?#]).*$/s, "$1…")
    .replace(/^([^/]*\/\/)[^/]*@/, "$1…@")
    .slice(0, LOCATION_SHOWN);

/** The finding for a status that is not expected. `location`: where a redirect points. */
const unexpected = (status: number, location: string | null): Ending => {
  const isRedirect = status >= 300 && status < 400 && location !== null && location !== "";
  const to = isRedirect ? ` to ${placeIn(location)}, which is not followed` : "";
  return { outcome: "app_error", stage: "body", detail: `status ${status}${to}` };
};
