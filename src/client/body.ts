/** Of an answer: whoever stands in between must not fill the memory. */
export const MAX_BYTES = 4 * 1_048_576;
/** What is read of an error's body at most. */
export const MAX_ERROR_BYTES = 16_384;

/** A body up to `maxBytes`; `isWhole`: that is all of it. Rejects where it breaks off. */
export const textOf = async (
  { body }: Response,
  maxBytes: number,
): Promise<{ text: string; isWhole: boolean }> => {
  const decoder = new TextDecoder();
  const reader = body?.getReader();
  let text = "";
  for (let bytes = 0; ;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) return { text: text + decoder.decode(), isWhole: true };
    bytes += value.byteLength;
    text += decoder.decode(value, { stream: true });
    if (bytes <= maxBytes) continue;
    // The rest is not waited for: the connection is closed.
    void reader?.cancel().catch(() => undefined);
    return { text, isWhole: false };
  }
};

export const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
