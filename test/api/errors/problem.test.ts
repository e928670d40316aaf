import { expect, it } from "vitest";
import { ApiError, PROBLEM_KINDS, valueOf } from "../../../src/api/errors/api-error.ts";
import { refused } from "../../../src/domain/problem.ts";
import { world } from "../world.ts";

it.each(Object.keys(PROBLEM_KINDS) as (keyof typeof PROBLEM_KINDS)[])(
  "%s says when to come back if it is 503, and else not",
  (kind) => {
    const answer = new ApiError(kind, "because").toResponse();
    expect(answer.headers.has("Retry-After")).toBe(answer.status === 503);
    if (answer.status === 503) expect(answer.headers.get("Retry-After")).toMatch(/^[1-9]\d{0,2}$/);
  },
);

it("a refusal says so where there is room by itself later, in whole seconds, and else not", () => {
  const told = (retryAfterMs?: number): string | null => {
    try {
      valueOf(refused("capacity", "there are too many", "", retryAfterMs));
    } catch (error) {
      return (error as ApiError).toResponse().headers.get("Retry-After");
    }
    return "nothing was thrown";
  };
  expect([undefined, 0, 1, 1_000, 1_001, 3_600_000].map(told)).toEqual([null, "1", "1", "1", "2", "3600"]);
});

it("the document has the header of every problem that is 503", async () => {
  const { paths } = await world().document();
  for (const [path, operations] of Object.entries(paths))
    for (const [method, { responses }] of Object.entries(operations)) {
      const { content, headers } = responses["503"] ?? {};
      if (content?.["application/problem+json"] !== undefined)
        expect(Object.keys(headers ?? {}), `${method} ${path}`).toContain("Retry-After");
    }
});
