import { jsonIn, MAX_ERROR_BYTES } from "./bounded-body.ts";
import type { Problem, Refused } from "./called.ts";
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

const problemIn = (json: unknown): Problem | undefined => {
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

/** Of problem details (RFC 9457), the one field that is shown. */
const detailIn = (problem: unknown): string | undefined => {
  const { detail } = Object(problem) as { detail?: unknown };
  return typeof detail === "string" ? detail : undefined;
};
