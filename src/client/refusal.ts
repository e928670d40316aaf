import { jsonIn, MAX_ERROR_BYTES } from "./bounded-body.ts";
import type { Refused } from "./called.ts";
import type { IncomingAnswer } from "./transport.ts";

/** The refusal of an answer. Its status counts even if its body breaks off. */
export const refusalOf = async (answer: IncomingAnswer): Promise<Refused> => {
  const { text } = await answer.read(MAX_ERROR_BYTES).catch(() => ({ text: "" }));
  return refusalIn(answer.status, text || answer.statusText);
};

/** A text that is not the detector's own problem comes from a proxy in between. */
export const refusalIn = (status: number, text: string): Refused => ({
  kind: "refused",
  status,
  detail: detailIn(jsonIn(text)) ?? text,
});

/** Of problem details (RFC 9457), the one field that is shown. */
const detailIn = (problem: unknown): string | undefined => {
  const { detail } = Object(problem) as { detail?: unknown };
  return typeof detail === "string" ? detail : undefined;
};
