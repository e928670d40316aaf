/** `haproxy.cfg` in sections, lines and words, by chapter 2 of HAProxy's configuration manual. */

export interface HaproxyLine {
  /** From 1. */
  number: number;
  words: string[];
}

export interface Section {
  /** `backend`, `listen`, `defaults`, … */
  kind: string;
  name: string;
  /** The `defaults` section that it names by `from`. */
  from: string | undefined;
  lines: HaproxyLine[];
}

const SECTIONS = new Set([
  ..."global defaults frontend backend listen peers resolvers mailers userlist program cache".split(" "),
  ..."http-errors ring fcgi-app log-forward log-profile crt-store traces acme".split(" "),
]);

/** One word: a backslash escapes, either quote groups, a space or `#` ends it. In single quotes nothing else has a meaning. */
const WORD = /(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s\\'"#])+/gs;
const PIECE = /\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"|([^\\'"]+)/gs;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

const unescaped = (text: string): string =>
  text.replaceAll(/\\(.)/gs, (_, sign: string) => ESCAPES[sign] ?? sign);

const said = (word: string): string =>
  [...word.matchAll(PIECE)]
    .map(([, escaped, single, double, plain]) => {
      if (escaped !== undefined) return ESCAPES[escaped] ?? escaped;
      return single ?? (double === undefined ? plain : unescaped(double)) ?? "";
    })
    .join("");

/** A line up to its comment; undefined where a quote is not closed. */
const wordsOf = (text: string): string[] | undefined => {
  const words: string[] = [];
  let rest = text.trim();
  while (rest !== "" && !rest.startsWith("#")) {
    WORD.lastIndex = 0;
    const [word] = WORD.exec(rest) ?? [];
    if (word === undefined || !rest.startsWith(word)) return undefined;
    words.push(said(word));
    const after = rest.slice(word.length);
    if (after !== "" && !/^[\s#]/.test(after)) return undefined;
    rest = after.trim();
  }
  return words;
};

/** The sections, and the lines that cannot be read. */
export const sectionsIn = (text: string): { sections: Section[]; unread: number[] } => {
  const sections: Section[] = [];
  const unread: number[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = wordsOf(line);
    const number = index + 1;
    if (words === undefined) unread.push(number);
    const [kind = "", name = ""] = words ?? [];
    if (words === undefined || kind === "") continue;
    const from = words.indexOf("from");
    if (SECTIONS.has(kind))
      sections.push({
        kind,
        name: name === "from" ? "" : name,
        from: from > 0 ? words[from + 1] : undefined,
        lines: [],
      });
    else sections.at(-1)?.lines.push({ number, words });
  }
  return { sections, unread };
};
