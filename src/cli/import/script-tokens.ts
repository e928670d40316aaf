/** The tokens of a TypeScript program, as far as its plain values take. */

export interface ScriptToken {
  /** `template`: a text in backquotes. `other`: a regular expression. */
  kind: "word" | "number" | "text" | "template" | "sign" | "other";
  /** As it is written. */
  text: string;
  /** From 1. */
  line: number;
}

const COMMENT = /\/\/[^\n\r]*|\/\*[^]*?(?:\*\/|$)/;
const QUOTED = /'[^'\\\n\r]*(?:\\(?:\r\n|[^])[^'\\\n\r]*)*'|"[^"\\\n\r]*(?:\\(?:\r\n|[^])[^"\\\n\r]*)*"/;
const BLANK = new RegExp(`\\s+|${COMMENT.source}`, "y");

const KINDS: readonly (readonly [ScriptToken["kind"], RegExp])[] = [
  ["text", new RegExp(QUOTED.source, "y")],
  ["number", /(?:0[xob][\da-f_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[+-]?\d[\d_]*)?)n?/iy],
  ["word", /[\p{ID_Start}$_][\p{ID_Continue}$]*/uy],
];
const PATTERN = /\/(?![*/])(?:[^\\/\n\r[]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+\/[a-z]*/y;
const SIGN = /\.\.\.|[^]/y;

const IN_TEMPLATE = /\\[^]|\$\{|`/g;
const IN_ITS_CODE = new RegExp(`${QUOTED.source}|${COMMENT.source}|[\`{}]`, "g");

/** After the template that begins at `start`. What is between its braces may hold templates too. */
const templateEnd = (program: string, start: number): number | undefined => {
  const open = ["`"];
  let at = start + 1;
  while (open.length > 0) {
    const isText = open.at(-1) === "`";
    const step = isText ? IN_TEMPLATE : IN_ITS_CODE;
    step.lastIndex = at;
    const [sign] = step.exec(program) ?? [];
    if (sign === undefined) return undefined;
    at = step.lastIndex;
    if (sign === "${" || sign === "{") open.push("{");
    else if (sign === "}" || (sign === "`" && isText)) open.pop();
    else if (sign === "`") open.push("`");
  }
  return at;
};

const matchAt = (pattern: RegExp, program: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(program)?.[0];
};

/** After a value, a slash divides; elsewhere it begins a regular expression. */
const endsValue = (token: ScriptToken | undefined): boolean =>
  token !== undefined && (token.kind !== "sign" || [")", "]", "}"].includes(token.text));

const tokenAt = (program: string, at: number, before: ScriptToken | undefined): Omit<ScriptToken, "line"> => {
  if (program[at] === "`") {
    const end = templateEnd(program, at);
    if (end !== undefined) return { kind: "template", text: program.slice(at, end) };
  }
  for (const [kind, pattern] of KINDS) {
    const text = matchAt(pattern, program, at);
    if (text !== undefined) return { kind, text };
  }
  const pattern = program[at] === "/" && !endsValue(before) ? matchAt(PATTERN, program, at) : undefined;
  if (pattern !== undefined) return { kind: "other", text: pattern };
  return { kind: "sign", text: matchAt(SIGN, program, at) ?? "" };
};

/** All tokens, without blanks and comments. A quote that is not closed is a sign. */
export const tokensIn = (program: string): ScriptToken[] => {
  const tokens: ScriptToken[] = [];
  let line = 1;
  for (let at = 0; at < program.length;) {
    const blank = matchAt(BLANK, program, at);
    const token = blank === undefined ? tokenAt(program, at, tokens.at(-1)) : undefined;
    if (token !== undefined) tokens.push({ ...token, line });
    const text = blank ?? token?.text ?? "";
    line += text.split("\n").length - 1;
    at += text.length;
  }
  return tokens;
};

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
  "\n": "",
  "\r\n": "",
};
const ESCAPE = /\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|(\r\n|[^]))/gi;

/** The value of a text in JavaScript's quotes. */
export const tokenText = (quoted: string): string =>
  quoted.slice(1, -1).replaceAll(ESCAPE, (_, ...found: (string | undefined)[]) => {
    const [point, unit, byte, other = ""] = found;
    const code = Number.parseInt(point ?? unit ?? byte ?? "", 16);
    if (Number.isNaN(code)) return ESCAPES[other] ?? other;
    return code > 0x10_ffff ? "\ufffd" : String.fromCodePoint(code);
  });

/** Whether a template is a plain text, with no expression in it. */
export const isPlain = (template: string): boolean => !template.replaceAll(/\\[^]/g, "").includes("${");
