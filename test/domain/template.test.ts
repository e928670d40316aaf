import { describe, expect, it } from "vitest";
import { FILLED_MAX_BYTES, templateProblem } from "../../src/domain/template.ts";

describe("a template", () => {
  it.each([
    '{"text": "{{title}}"}',
    '[{"a": ["{{targets}}", "{{ count }}"]}]',
    '{"no": "placeholder", "n": 1.5e3, "b": [true, null]}',
    '{"__proto__": "{{site}}"}',
    '{"a": "{ {title} } {}"}',
  ])("is taken: %s", (template) => {
    expect(templateProblem(template)).toBeUndefined();
  });

  it.each<[string, RegExp]>([
    ["", /ends too soon/],
    ['{"a": "{{title}}"', /ends too soon/],
    ['{\n  "a": "x",\n  "b": {{title}}\n}', /line 3, column 9/],
    ['{"a": {{title}}}', /line 1, column 8/],
    ['{"a": 1,}', /line 1, column 9/],
    ['{"a": 1} x', /line 1, column 10/],
    ["text={{title}}", /line 1, column 1|line 1, column 2/],
    ['"{{title}}"', /object or list/],
    ["null", /object or list/],
    ['{\n"a": "{{sentense}}"}', /\{\{sentense\}\} at line 2, column 7 is not known: there are state, /],
    ['{"a": "{{}}"}', /not known/],
    ['{"a": "{{constructor}}"}', /not known/],
    ['{"a": "{{\\u0066oo}}"}', /not known/],
    ['{"{{title}}": 1}', /name of a field/],
    [`${"[".repeat(33)}${"]".repeat(33)}`, /at most 32/],
    [`${"[".repeat(4_000)}${"]".repeat(4_000)}`, /at most 32/],
    [JSON.stringify({ a: "{{sentence}}".repeat(600) }), new RegExp(`${FILLED_MAX_BYTES} are allowed`)],
    [JSON.stringify(Array.from({ length: 500 }, () => "{{targets}}")), /use fewer placeholders/],
  ])("is refused, its place named: %s", (template, sentence) => {
    expect(templateProblem(template)).toMatch(sentence);
  });
});
