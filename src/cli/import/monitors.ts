/**
 * Translates the list of monitors in a TypeScript program into YAML's flow syntax. An object of plain values is the same in both, except
 * for comments and quotes. The program is never run.
 */

/** A value that the program computes. */
interface Expression {
  line: number;
  text: string;
}

interface Listed {
  /** The list as YAML, on the same lines as in the program. */
  list: string;
  expressions: Expression[];
}

/** The begin of the list: `monitors: [` in an object, or `const monitors: MonitorTarget[] = [`. */
const LIST = /\bmonitors\s*(?:=|:(?:[^=[\]{},;]*(?:\[\])?\s*=)?)\s*(?=\[)/g;

const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\//;
const QUOTED = /'(?:\\[^]|[^'\\\n])*'|"(?:\\[^]|[^"\\\n])*"|`(?:\\[^]|[^`\\])*`/;
/** `10_000`, `60 * 1000`. */
const NUMBER = /\b\d[\d_.]*(?:\s*[*+/-]\s*\d[\d_.]*)*/;
/** Names with property accesses, and spread names. */
const WORD = /(?:\.\.\.)?[A-Za-z_$][\w$]*(?:(?:\?|!)?\.[A-Za-z_$][\w$]*)*!?/;
const TOKEN = new RegExp([COMMENT, QUOTED, NUMBER, WORD].map(({ source }) => source).join("|"), "g");

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
  "\n": "",
};
const ESCAPE = /\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|([^]))/gi;

/** The value of a text in JavaScript's quotes. */
const said = (quoted: string): string =>
  quoted.slice(1, -1).replaceAll(ESCAPE, (_, ...found: (string | undefined)[]) => {
    const [point, unit, byte, other = ""] = found;
    const code = Number.parseInt(point ?? unit ?? byte ?? "", 16);
    if (Number.isNaN(code)) return ESCAPES[other] ?? other;
    return code > 0x10_ffff ? "\ufffd" : String.fromCodePoint(code);
  });

/** JSON, in which characters that YAML does not print are escaped too. */
const asText = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

const ENVIRONMENT = /^(?:process\.)?env\.([A-Za-z_]\w*)!?$/;
const LITERALS = ["true", "false", "null"];

/** One token in YAML, or undefined for a value that only the program knows. */
const inYaml = (token: string, isKey: boolean): string | undefined => {
  if (/^\/[/*]/.test(token)) return "";
  if (/^['"]/.test(token)) return asText(said(token));
  if (token.startsWith("`")) return /(?<!\\)\$\{/.test(token) ? undefined : asText(said(token));
  if (/^\d[\d_.]*$/.test(token)) return token.replaceAll("_", "");
  if (isKey || LITERALS.includes(token)) return token;
  if (token === "undefined") return "null";
  const [, name] = ENVIRONMENT.exec(token) ?? [];
  return name === undefined ? undefined : `"\${${name}}"`;
};

const linesIn = (text: string): number => text.split("\n").length - 1;

const translated = (program: string, start: number, end: number): Listed => {
  const expressions: Expression[] = [];
  const before = linesIn(program.slice(0, start));
  const source = program.slice(start, end);
  const list = source.replaceAll(TOKEN, (...[token, offset]: [string, number]) => {
    const isKey = /^\s*:/.test(source.slice(offset + token.length));
    const yaml = inYaml(token, isKey);
    // After a comment or a text of several lines, the rest must stay on its line.
    const lines = "\n".repeat(linesIn(token));
    if (yaml !== undefined) return yaml + lines;
    expressions.push({
      line: before + linesIn(source.slice(0, offset)) + 1,
      text: token.startsWith("`") ? "a template" : token,
    });
    return (token.startsWith("...") ? `"${token}": null` : "null") + lines;
  });
  return { list: "\n".repeat(before) + list, expressions };
};

/** After the bracket that closes the one at `start`. */
const endOf = (clear: string, start: number): number | undefined => {
  let depth = 0;
  for (let at = start; at < clear.length; at++) {
    if (clear[at] === "[") depth++;
    else if (clear[at] === "]" && --depth === 0) return at + 1;
  }
  return undefined;
};

/** Undefined where there is no such list. */
export const monitorsIn = (program: string): Listed | undefined => {
  // Texts and comments may contain brackets, and words that look like the begin of the list.
  const clear = program.replaceAll(TOKEN, (token) =>
    /^(\/[/*]|['"`])/.test(token) ? " ".repeat(token.length) : token,
  );
  const starts = [...clear.matchAll(LIST)].map(({ index, 0: head }) => index + head.length);
  // A maintenance has a list of the same name, which holds ids.
  const ofObjects = starts.filter((start) => /^\[\s*\{/.test(clear.slice(start)));
  for (const start of [...ofObjects, ...starts]) {
    const end = endOf(clear, start);
    if (end !== undefined) return translated(program, start, end);
  }
  return undefined;
};
