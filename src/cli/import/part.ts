import { durationMs } from "../shared/arguments/duration.ts";
import { type FileFlaw, type Path, readDocument } from "../shared/document/read-document.ts";

/** One file that is read. */
export interface ImportSource {
  /** The file as named by the user; `stdin` for input from there. */
  file: string;
  text: string;
}

/** A flaw and the file it is in. */
export interface Misread extends FileFlaw {
  file: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A place in a document, whose value is read as an expected type. A value of another type is a flaw of the file. */
export class Part {
  readonly file: string;
  readonly value: unknown;
  readonly #path: Path;
  readonly #lineOf: (path: Path) => number | undefined;
  readonly #flaws: Misread[];

  constructor(
    file: string,
    value: unknown,
    path: Path,
    lineOf: (path: Path) => number | undefined,
    flaws: Misread[],
  ) {
    this.file = file;
    this.value = value;
    this.#path = path;
    this.#lineOf = lineOf;
    this.#flaws = flaws;
  }

  get line(): number | undefined {
    return this.#lineOf(this.#path);
  }

  /** The last part of its path. */
  get key(): string {
    return String(this.#path.at(-1) ?? "");
  }

  get isThere(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  get isList(): boolean {
    return Array.isArray(this.value);
  }

  get isMap(): boolean {
    return isRecord(this.value);
  }

  complain(message: string): undefined {
    this.#flaws.push({ file: this.file, line: this.line, field: this.#path.join("."), message });
    return undefined;
  }

  at(...path: (string | number)[]): Part {
    let value = this.value;
    for (const key of path)
      value =
        typeof value === "object" && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string | number, unknown>)[key]
          : undefined;
    return this.#child(path, value);
  }

  #child(path: Path, value: unknown): Part {
    return new Part(this.file, value, [...this.#path, ...path], this.#lineOf, this.#flaws);
  }

  /** A missing value counts as an empty list. */
  list(): Part[] {
    if (Array.isArray(this.value)) return this.value.map((value, index) => this.#child([index], value));
    if (this.isThere) this.complain("must be a list");
    return [];
  }

  /** A missing value counts as an empty mapping. */
  entries(): [string, Part][] {
    if (isRecord(this.value))
      return Object.entries(this.value).map(([key, value]) => [key, this.#child([key], value)]);
    if (this.isThere) this.complain("must be a mapping");
    return [];
  }

  /** Undefined where nothing stands here. */
  text(): string | undefined {
    if (typeof this.value === "string") return this.value;
    if (typeof this.value === "number" || typeof this.value === "boolean") return String(this.value);
    return this.isThere ? this.complain("must be a text") : undefined;
  }

  /** A text that must be there. */
  needed(example: string): string | undefined {
    const text = this.text();
    if (text !== undefined && text.trim() !== "") return text.trim();
    return this.isThere && text === undefined ? undefined : this.complain(`is missing: ${example}`);
  }

  number(): number | undefined {
    const number = typeof this.value === "string" ? Number(this.value || Number.NaN) : this.value;
    if (typeof number === "number" && Number.isFinite(number)) return number;
    return this.isThere ? this.complain("must be a number") : undefined;
  }

  /** Kuma writes 0 and 1. */
  flag(): boolean {
    if (!this.isThere || typeof this.value === "boolean" || this.value === 0 || this.value === 1)
      return Boolean(this.value);
    this.complain("must be true or false");
    return false;
  }

  /** A time as Go and Prometheus write it, in milliseconds. */
  duration(): number | undefined {
    const text = this.text();
    if (text === undefined) return undefined;
    return durationMs(text) ?? this.complain("must be a time: 500ms, 30s, 5m, 1h30m");
  }
}

/** The whole of a file of YAML or JSON; undefined where it is neither, after its flaws were added to `flaws`. */
export const partOf = ({ file, text }: ImportSource, flaws: Misread[]): Part | undefined => {
  const document = readDocument(text);
  if (!Array.isArray(document)) return new Part(file, document.value, [], document.lineOf, flaws);
  flaws.push(...document.map((flaw) => ({ ...flaw, file })));
  return undefined;
};
