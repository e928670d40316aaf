import { chunksOf, jsonIn, textOf } from "../../../client/bounded-body.ts";

/** How the checker's API is called. */
export interface Door {
  url: string;
  /** The whole header, or undefined where the checker needs none. */
  authorization: string | undefined;
}

/** One answer must not fill the memory. */
const MAX_BYTES = 16 * 1_048_576;
/** A checker that takes longer counts as not answering. */
export const POLL_LIMIT_MS = 5_000;

/** The body of an answer of 200. */
export const textAt = async (
  { url, authorization }: Door,
  path: string,
  stop: AbortSignal,
): Promise<string> => {
  const answer = await fetch(url + path, {
    redirect: "error",
    headers: authorization === undefined ? {} : { authorization },
    signal: AbortSignal.any([stop, AbortSignal.timeout(POLL_LIMIT_MS)]),
  }).catch((error: Error & { cause?: { code?: string; message?: string } }) => {
    const why = error.cause?.code ?? error.cause?.message ?? error.message;
    throw new Error(error.name === "TimeoutError" ? `no answer in ${POLL_LIMIT_MS} ms` : why);
  });
  if (answer.status === 401 || answer.status === 403)
    throw new Error(`it wants to know who asks (${answer.status}): give --bearer-file or --basic-file`);
  if (answer.status !== 200)
    throw new Error(`it answered ${answer.status} to ${new URL(url + path).pathname}`);
  const { text, isWhole } = await textOf(chunksOf(answer), MAX_BYTES);
  if (!isWhole) throw new Error(`its answer is longer than ${MAX_BYTES} bytes`);
  return text;
};

export const jsonAt = async (door: Door, path: string, stop: AbortSignal): Promise<unknown> => {
  const json = jsonIn(await textAt(door, path, stop));
  if (json === undefined) throw new Error(`its answer to ${new URL(door.url + path).pathname} is not JSON`);
  return json;
};
