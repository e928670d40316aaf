import { describe, expect, it } from "vitest";
import { FILLED_MAX_BYTES, templateProblem } from "../../src/domain/template.ts";

describe("a template", () => {
  it.each([
    '{"text": "{{title}}"}',
    '[{"a": ["{{targets}}", "{{ count }}"]}]',
    '{"no": "placeholder", "n": 1.5e3, "b": [true, null]}',
    '{"__proto__": "{{site}}"}',
    '{"a": "{ {title} } {}"}',
    '{"a": "{{{title}}}", "b": "{\\"c\\": {\\"d\\": 1}}", "c": "a \\\\", "d": "\\": {{site}}"}',
  ])("is taken: %s", (template) => {
    expect(templateProblem(template)).toBeUndefined();
  });

  it.each<[string, RegExp]>([
    ["", /ends too soon, at line 1, column 1$/],
    ['{"a": "{{title}}"', /ends too soon, at line 1, column 18$/],
    ['{"a":\n1', /ends too soon, at line 2, column 2$/],
    ['{"a":"{{title"}', /^\{\{title at line 1, column 7 lacks a brace: .* as \{\{title\}\}$/],
    ['{"a":"{{title}"}', /^\{\{title\} at line 1, column 7 lacks a brace/],
    ['{\n"a":"{{site}}/{ title }}"}', /^\{ title \}\} at line 2, column 15 lacks a brace/],
    ['{"a":"{{title","b":"x}}"}', /^\{\{title at line 1, column 7 lacks a brace/],
    ['{"a":{"b":"{{title"}}', /^\{\{title at line 1, column 12 lacks a brace/],
    ['{"a":"{{title}} {{ti"}', /^\{\{ti at line 1, column 17 lacks a brace/],
    ['{"a":"{{ti{{site}}"}', /^\{\{ti at line 1, column 7 lacks a brace/],
    ['{"a":"\\u007b{title}"}', /^\{\{title\} at line 1, column 6 lacks a brace/],
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
    ['{"a": "{{\\u0066oo}}"}', /^\{\{foo\}\} at line 1, column 7 is not known/],
    ['{"{{title}}": 1}', /^\{\{title\}\} at line 1, column 3 must not stand in the name of a field/],
    ['{"a": [{"b {{x" : 1}]}', /^\{\{x at line 1, column 12 must not stand in the name of a field/],
    ['{"a": "{{wat}}", "a": 1}', /^\{\{wat\}\} at line 1, column 8 is not known/],
    [`${"[".repeat(33)}${"]".repeat(33)}`, /at most 32/],
    [`${"[".repeat(4_000)}${"]".repeat(4_000)}`, /at most 32/],
    [JSON.stringify({ a: "{{sentence}}".repeat(600) }), new RegExp(`${FILLED_MAX_BYTES} are allowed`)],
    [JSON.stringify(Array.from({ length: 500 }, () => "{{targets}}")), /use fewer placeholders/],
  ])("is refused, its place named: %s", (template, sentence) => {
    expect(templateProblem(template)).toMatch(sentence);
  });
});
