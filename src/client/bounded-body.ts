/** The most that is read of an answer: a proxy in between must not fill the memory. */
export const MAX_BYTES = 4 * 1_048_576;
/** The most that is read of an error's body. */
export const MAX_ERROR_BYTES = 16_384;

/** A body up to about `maxBytes`; `isWhole`: the text is all of the body. Rejects where the body breaks off. */
export const textOf = async (
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ text: string; isWhole: boolean }> => {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    text += decoder.decode(chunk, { stream: true });
    if (bytes > maxBytes) return { text, isWhole: false };
  }
  return { text: text + decoder.decode(), isWhole: true };
};

/** The body of a `fetch`, part by part. Where the caller stops early, the rest is cancelled without a wait. */
export async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array, void, undefined> {
  // Not every browser can iterate over a stream.
  const reader = body?.getReader();
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) return;
      yield value;
    }
  } finally {
    void reader?.cancel().catch(() => undefined);
  }
}

export const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
