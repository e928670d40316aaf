import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from "yaml";

/** One flaw of a file. */
export interface FileFlaw {
  /** From 1; undefined where the flaw is on no particular line. */
  line: number | undefined;
  /** A dotted path; empty for the whole file. */
  field: string;
  message: string;
}

export type Path = readonly (string | number)[];

/** The content of a text of YAML or JSON. */
interface Read {
  value: unknown;
  /** The line of a path, or of the longest part of the path that exists. */
  lineOf: (path: Path) => number | undefined;
}

/** The offset of a path, by its key, so that a missing or unknown field has a place too. */
const offsetOf = (document: Document, path: Path): number | undefined => {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent)
      ? parent.items.find(
          (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
        )
      : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return undefined;
};

/** Aliases may multiply without bound: the library stops them by throwing. */
const MAX_ALIASES = 1_000;

/** Reads a text of YAML, which includes JSON; or lists all flaws that keep it from being read. */
export const readDocument = (text: string): Read | FileFlaw[] => {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, merge: true, prettyErrors: false });
  if (document.errors.length > 0)
    return document.errors.map(({ pos, code, message }) => ({
      line: counter.linePos(pos[0]).line,
      field: "",
      message: code === "MULTIPLE_DOCS" ? "another document begins here: a file holds one" : message,
    }));
  const lineOf = (path: Path): number | undefined => {
    const offset = offsetOf(document, path);
    return offset === undefined ? undefined : counter.linePos(offset).line;
  };
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown, lineOf };
  } catch (error) {
    return [{ line: undefined, field: "", message: (error as Error).message }];
  }
};
