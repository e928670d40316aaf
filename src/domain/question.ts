/** The question to a name server, as written in a URL: `dns://server[:port]/name?type=A` (in the manner of RFC 4501). */

/** Types of records by their number (RFC 1035, 3596, 2782): those whose contents a probe can write as text. */
export const RECORD_TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
} as const;
export type RecordType = keyof typeof RECORD_TYPES;

export interface Question {
  /** Lower case, without the dot at its end; the root is a dot. */
  name: string;
  type: RecordType;
}

const HOST = "[a-z0-9_*-]{1,63}(?:\\.[a-z0-9_*-]{1,63})*\\.?";
const NAME_FORM = new RegExp(`^(?:${HOST}|\\.)$`, "i");
const NAMED = { form: NAME_FORM, words: "a name: ns.example" };
/** The greatest numbers that fit into records. */
const BITS_16 = 0xffff;
const BITS_32 = 0xffff_ffff;

/** Names, and numbers up to those given, separated by spaces. */
const inTurn = (...parts: readonly (number | "name")[]) => ({
  test: (text: string): boolean => {
    const given = text.split(" ");
    const fits = (part: string, limit: number | "name" = "name"): boolean =>
      limit === "name" ? NAME_FORM.test(part) : /^\d{1,10}$/.test(part) && Number(part) <= limit;
    return given.length === parts.length && given.every((part, index) => fits(part, parts[index]));
  },
});

/** How the content of a record is written, and an example. */
const WRITTEN: Readonly<Record<RecordType, { form: { test(text: string): boolean }; words: string }>> = {
  A: { form: /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/, words: "an IPv4 address: 192.0.2.7" },
  AAAA: {
    form: { test: (text) => URL.canParse(`http://[${text}]`) },
    words: "an IPv6 address: 2001:db8::7",
  },
  CNAME: NAMED,
  NS: NAMED,
  PTR: NAMED,
  MX: { form: inTurn(BITS_16, "name"), words: "preference and name: 10 mail.example" },
  SRV: {
    form: inTurn(BITS_16, BITS_16, BITS_16, "name"),
    words: "priority, weight, port and name: 0 5 5432 db.example",
  },
  SOA: {
    form: inTurn("name", "name", BITS_32, BITS_32, BITS_32, BITS_32, BITS_32),
    words: "two names and five numbers: ns.example admin.example 1 3600 600 86400 60",
  },
  TXT: { form: /^[^]*$/, words: "text" },
};

/** What a record of this type looks like, if this text is not one; else undefined. */
export const unlike = (text: string, type: RecordType): string | undefined => {
  const { form, words } = WRITTEN[type];
  return form.test(text) ? undefined : `is no record of type ${type}, which is ${words}`;
};

const isType = (text: string): text is RecordType => Object.hasOwn(RECORD_TYPES, text);

const ROOT = ".";
/** A URL parser drops a path of one dot. */
const ASKS_ROOT = /^[^/?#]*\/\/[^/?#]*\/\.(?:[?#]|$)/;

/** RFC 1035, 3.1. Underscores and `*` do not occur in names of hosts, but they do in names. */
const NAME = /^(?=.{1,253}$)[a-z0-9_*-]{1,63}(\.[a-z0-9_*-]{1,63})*$/;

/** The question in the path of a URL `written` so, or one sentence that says what is wrong and what would be right. */
export const parseQuestion = ({ pathname, searchParams }: URL, written: string): Question | string => {
  const name = ASKS_ROOT.test(written) ? ROOT : pathname.slice(1).toLowerCase().replace(/\.$/, "");
  if (name !== ROOT && !NAME.test(name))
    return "needs a name to ask for, in ASCII and at most 253 characters: dns://server/name?type=A";
  const strange = [...searchParams.keys()].find((key) => key !== "type");
  if (strange !== undefined) return `has a parameter "${strange}": there is type alone, as in ?type=A`;
  if (searchParams.getAll("type").length > 1)
    return "has more than one type: a target asks for one, as in ?type=A";
  const type = searchParams.get("type")?.toUpperCase() ?? "A";
  return isType(type) ? { name, type } : `has a type that is none of ${Object.keys(RECORD_TYPES).join(", ")}`;
};

/** The question of a URL in its canonical form. */
export const questionIn = (href: string): Question => {
  const question = parseQuestion(new URL(href.replace(/^dns:/, "http:")), href);
  if (typeof question === "string") throw new Error(`the URL ${question}`);
  return question;
};
