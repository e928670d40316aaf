import { jsonIn, MAX_ERROR_BYTES } from "./bounded-body.ts";
import type { AnsweredProblem, Refused } from "./called.ts";
import type { IncomingAnswer } from "./transport.ts";

/** The refusal of an answer. Its status counts even if its body breaks off. */
export const refusalOf = async (answer: IncomingAnswer): Promise<Refused> => {
  const { text } = await answer.read(MAX_ERROR_BYTES).catch(() => ({ text: "" }));
  return refusalIn(answer.status, text || answer.statusText);
};

/** A text that is not the detector's own problem comes from a proxy in between. */
export const refusalIn = (status: number, text: string): Refused => {
  const json = jsonIn(text);
  const problem = problemIn(json);
  const refusal: Refused = { kind: "refused", status, detail: detailIn(json) ?? text };
  return problem === undefined ? refusal : { ...refusal, problem };
};

const OWN_TYPE = "urn:parallax:problem:";

const problemIn = (json: unknown): AnsweredProblem | undefined => {
  const { type, errors } = Object(json) as { type?: unknown; errors?: unknown };
  if (typeof type !== "string" || !type.startsWith(OWN_TYPE)) return undefined;
  const paths = (Array.isArray(errors) ? errors : []).map(
    (each) => (Object(each) as { path?: unknown }).path,
  );
  return {
    kind: type.slice(OWN_TYPE.length),
    fields: paths.filter((path): path is string => typeof path === "string"),
  };
};

/** A message that needs its field before it to be a sentence, as "must be a member". */
const PREDICATE = /^(must|is|are|has|lacks|cannot|would|of)\b/;

/** Of problem details (RFC 9457), the one field that is shown, with the name of the wrong field where it says the same as that field's error. */
const detailIn = (problem: unknown): string | undefined => {
  const { detail, status, errors } = Object(problem) as Record<string, unknown>;
  if (typeof detail !== "string") return undefined;
  const { path, message } = Object(Array.isArray(errors) ? errors[0] : undefined) as Record<string, unknown>;
  if (status !== 400 || typeof path !== "string" || path === "" || message !== detail) return detail;
  return PREDICATE.test(detail) ? `${path} ${detail}` : `${path}: ${detail}`;
};
