/** Plain values in a TypeScript program: lists, objects, texts, numbers. The program is never run. */
import type { Path } from "../shared/document/read-document.ts";
import { isPlain, type ScriptToken, tokenText } from "./script-tokens.ts";

/** A value that only the program knows. In its place stands null. */
export interface WorkedOut {
  /** Ends in `...` where the names of the fields are worked out too. */
  path: Path;
  line: number;
  /** As written, without the texts in it, any of which may be a secret. */
  text: string;
}

/** What cannot be read, and where. */
export class BadScript extends Error {
  readonly line: number;
  readonly path: Path;

  constructor(line: number, path: Path, message: string) {
    super(message);
    this.line = line;
    this.path = path;
  }
}

const MAX_DEPTH = 50;
const MAX_SHOWN = 80;

const ENVIRONMENT = /^(?:process\.)?env(?:\.([A-Za-z_]\w*)|\[["']([A-Za-z_]\w*)["']\])$/;
const LITERALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["undefined", undefined],
]);
const CLOSERS = [")", "]", "}"];
const OPENERS = ["(", "[", "{"];
/** What follows them is a type, which changes no value. */
const ASSERTIONS = ["as", "satisfies"];

const literalOf = ({ kind, text }: ScriptToken): { value: unknown } | undefined => {
  if (kind === "text") return { value: tokenText(text) };
  // In a template, a line ends in a line feed, whatever the file has.
  if (kind === "template" && isPlain(text)) return { value: tokenText(text.replaceAll("\r\n", "\n")) };
  const number = kind === "number" ? Number(text.replaceAll("_", "")) : Number.NaN;
  if (!Number.isNaN(number)) return { value: number };
  return kind === "word" && LITERALS.has(text) ? { value: LITERALS.get(text) } : undefined;
};

const signed = (sign: string, value: unknown): { value: number } | undefined => {
  if (typeof value !== "number" || (sign !== "-" && sign !== "+")) return undefined;
  return { value: sign === "-" ? -value : value };
};

const withoutTypes = (tokens: readonly ScriptToken[]): readonly ScriptToken[] => {
  const typed = tokens.findIndex(({ text }) => ASSERTIONS.includes(text));
  const bare = typed > 0 ? tokens.slice(0, typed) : tokens;
  return bare.at(-1)?.text === "!" ? bare.slice(0, -1) : bare;
};

/** The value of an expression, where it is plain. `takesVariables`: `process.env.NAME` becomes `${NAME}`. */
const plainOf = (tokens: readonly ScriptToken[], takesVariables: boolean): { value: unknown } | undefined => {
  const bare = withoutTypes(tokens);
  const [first, second] = bare;
  if (first !== undefined && bare.length === 1) return literalOf(first);
  if (first?.kind === "sign" && second?.kind === "number" && bare.length === 2)
    return signed(first.text, literalOf(second)?.value);
  const [, dotted, quoted] = ENVIRONMENT.exec(bare.map(({ text }) => text).join("")) ?? [];
  const name = takesVariables ? (dotted ?? quoted) : undefined;
  return name === undefined ? undefined : { value: `\${${name}}` };
};

/** Tokens as a person reads them, texts left out. */
const shown = (tokens: readonly ScriptToken[]): string => {
  if (tokens.length === 1 && tokens[0]?.kind === "template") return "a template";
  const words = tokens.map(({ kind, text }) => {
    if (kind === "text") return `${text.charAt(0)}…${text.charAt(0)}`;
    return kind === "template" ? "`…`" : text;
  });
  const line = words.join(" ").replaceAll(/ ?(\.\.\.|[.!]) ?|(?<=[([]) | (?=[)\],])|(?<=\w) (?=[([])/g, "$1");
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN - 1)}…` : line;
};

/** What is open within an expression. In a type, angles are brackets too. */
class Nesting {
  #brackets = 0;
  #angles = 0;
  #isType = false;

  /** Whether a token belongs to the expression no longer. */
  endsAt(text: string): boolean {
    if (this.#brackets > 0) return false;
    return CLOSERS.includes(text) || text === ";" || (text === "," && this.#angles === 0);
  }

  take(text: string): void {
    if (OPENERS.includes(text)) this.#brackets++;
    else if (CLOSERS.includes(text)) this.#brackets--;
    else if (ASSERTIONS.includes(text)) this.#isType = true;
    else if (this.#isType && text === "<") this.#angles++;
    else if (this.#isType && text === ">") this.#angles = Math.max(0, this.#angles - 1);
  }
}

/** Reads one value after another from tokens. Throws {@link BadScript}. */
export class ScriptReader {
  readonly workedOut: WorkedOut[] = [];
  readonly #lines = new Map<string, number>();
  readonly #tokens: readonly ScriptToken[];
  readonly #takesVariables: (path: Path) => boolean;
  /** The index of the next token. */
  at: number;
  #depth = 0;

  constructor(tokens: readonly ScriptToken[], at: number, takesVariables: (path: Path) => boolean) {
    this.#tokens = tokens;
    this.at = at;
    this.#takesVariables = takesVariables;
  }

  /** The line of a path, or of the longest part of it that is there. */
  lineOf(path: Path): number | undefined {
    for (let length = path.length; length > 0; length--) {
      const line = this.#lines.get(JSON.stringify(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  }

  get #next(): string {
    return this.#tokens[this.at]?.text ?? "";
  }

  get #line(): number {
    return this.#tokens[Math.min(this.at, this.#tokens.length - 1)]?.line ?? 1;
  }

  /** Leads to the comma or the bracket after an expression; returns its tokens. */
  #expression(path: Path): ScriptToken[] {
    const start = this.at;
    const nesting = new Nesting();
    for (; this.at < this.#tokens.length && !nesting.endsAt(this.#next); this.at++) nesting.take(this.#next);
    if (this.at === start) throw new BadScript(this.#line, path, `a value is missing before ${this.#sign()}`);
    return this.#tokens.slice(start, this.at);
  }

  #sign(): string {
    return this.#next === "" ? "the end of the file" : this.#next;
  }

  #note(path: Path, tokens: readonly ScriptToken[]): null {
    this.workedOut.push({ path, line: tokens[0]?.line ?? this.#line, text: shown(tokens) });
    return null;
  }

  value(path: Path): unknown {
    const start = this.at;
    const known = this.workedOut.length;
    const key = JSON.stringify(path);
    if (!this.#lines.has(key)) this.#lines.set(key, this.#line);
    if (this.#next !== "[" && this.#next !== "{") {
      const tokens = this.#expression(path);
      const plain = plainOf(tokens, this.#takesVariables(path));
      return plain === undefined ? this.#note(path, tokens) : plain.value;
    }
    const value = this.#next === "[" ? this.#list(path) : this.#object(path);
    if (["", ",", ";", ...CLOSERS].includes(this.#next)) return value;
    const isAsserted = ASSERTIONS.includes(this.#next);
    this.#expression(path);
    if (isAsserted) return value;
    // `[…].map(…)`: what was found within is no part of the result.
    this.workedOut.length = known;
    return this.#note(path, this.#tokens.slice(start, this.at));
  }

  /** Reads what is between two brackets, each part by `read`. */
  #between(closer: string, path: Path, read: () => void): void {
    const opener = this.#next;
    const line = this.#line;
    if (++this.#depth > MAX_DEPTH)
      throw new BadScript(line, path, `has more than ${MAX_DEPTH} brackets around it`);
    this.at++;
    while (this.#next !== closer) {
      if (this.#next === "") throw new BadScript(line, path, `has a ${opener} that nothing closes`);
      read();
      if (this.#next === ",") this.at++;
      else if (this.#next !== closer && this.#next !== "")
        throw new BadScript(this.#line, path, `needs a comma or ${closer} before ${this.#sign()}`);
    }
    this.at++;
    this.#depth--;
  }

  #list(path: Path): unknown[] {
    const values: unknown[] = [];
    this.#between("]", path, () => values.push(this.value([...path, values.length])));
    return values;
  }

  #object(path: Path): Record<string, unknown> {
    const fields = new Map<string, unknown>();
    this.#between("}", path, () => this.#member(path, fields));
    return Object.fromEntries(fields);
  }

  /** `name: value`, `name`, `...fields`, `name() { … }`, `[name]: value`. */
  #member(path: Path, fields: Map<string, unknown>): void {
    const token = this.#tokens[this.at];
    const after = this.#tokens[this.at + 1]?.text ?? "";
    const isName = token !== undefined && ["word", "text", "number"].includes(token.kind);
    if (!isName || ![":", ",", "}"].includes(after)) {
      this.#note([...path, "..."], this.#expression(path));
      return;
    }
    const name = token.kind === "text" ? tokenText(token.text) : token.text;
    this.#lines.set(JSON.stringify([...path, name]), token.line);
    if (after === ":") this.at += 2;
    fields.set(name, this.value([...path, name]));
  }
}
