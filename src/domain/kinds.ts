/**
 * The kinds of endpoint that can be probed, by the scheme of their URL: how such a URL is written, what may be expected of an answer, and
 * how a drill looks. One row a kind; its prober is a row of `PROBERS` (probe/probers.ts). docs/probes.md has the recipe.
 */
import { z } from "zod";
import { questionIn, unlike } from "./question.ts";
import { isBodiless, isInterim } from "./status.ts";

/**
 * What follows `scheme://`. `web`: host, perhaps port, path. `port`: host and port only. `question`: a name server and the question to it.
 */
type Form = "web" | "port" | "question";

/** What is wrong with a field of `expect`, and what would be right. */
export interface ExpectFlaw {
  path: PropertyKey[];
  message: string;
}

interface Kind {
  form: Form;
  /** The port if the URL names none. Without it, the URL must name one. */
  port?: number;
  /** TLS from the first byte on. */
  isSecure?: boolean;
  /** Whether the target's own headers are sent along. */
  hasHeaders?: boolean;
  /** What a target of this kind may be expected to answer; every field is optional. */
  expect: z.ZodObject;
  /** What is wrong with a well-formed `expect`: fields that do not fit each other, or the URL, which is in its canonical form. */
  beside?: (href: string, expect: never) => ExpectFlaw[];
  /** What this kind cannot be expected to answer although others can, and why: by field of `expect`. */
  cannot?: Readonly<Record<string, string>>;
  /** The warning if none of these fields says what a good answer is. */
  unproven?: { by: readonly string[]; warning: string };
  /** What vantages on Workers cannot see of it; if `by` is given, this matters only if that field is expected. */
  hidden?: { by?: string; warning: string };
  /** The answer that a drill of fault `error` reports. */
  drilled: string;
  /** What is expected of a control: any orderly answer, since it is there to show that answers arrive. */
  control?: z.infer<typeof HttpExpectSchema>;
}

const WORD = z
  .string()
  .min(1)
  .max(1024)
  .refine(
    (text) => text.isWellFormed(),
    "holds half of a surrogate pair, which no bytes stand for: whole characters alone",
  );

const STATUS = z
  .int()
  .min(100, { abort: true })
  .max(599)
  .refine(
    (status) => !isInterim(status),
    "is an interim answer, which is passed over for the one that follows: 101, or 200 to 599",
  );

const HttpExpectSchema = z.strictObject({
  /** HTTP status codes that count as `ok`. Default: any 2xx. */
  status: z.array(STATUS).min(1).max(20).optional(),
  /** Text the first 5,120 bytes of the answer must contain. */
  bodyIncludes: WORD.optional(),
  /** The answer must end, within 1 MiB and the timeout. By default it may go on for ever after its first 5,120 bytes. */
  complete: z.boolean().optional(),
  /** The answer must come from the target, not from a cache on the way; each probe then asks with its own parameter. */
  fresh: z.boolean().optional(),
});

const TcpExpectSchema = z.strictObject({
  /** What to send once connected. */
  sends: WORD.optional(),
  /** Text the first 5,120 bytes of the answer must contain. */
  bodyIncludes: WORD.optional(),
});

/** Finds an expected text in answers that have no body. */
const wordless = (_: string, { status, bodyIncludes }: z.infer<typeof HttpExpectSchema>): ExpectFlaw[] =>
  bodyIncludes !== undefined && status?.every(isBodiless) === true
    ? [
        {
          path: ["bodyIncludes"],
          message: `cannot be met: an answer of status ${anyOf(status.map(String))} has no body. Leave it out, or add a status that has one`,
        },
      ]
    : [];

/** For every kind that uses TLS. */
const CERTIFICATE = {
  /** The certificate, and each of its chain, must remain valid for this many days. */
  certDays: z.int().min(1).max(400).optional(),
};
const HttpsExpectSchema = HttpExpectSchema.extend(CERTIFICATE);
const TlsExpectSchema = z.strictObject(CERTIFICATE);
const HIDDEN_CERTIFICATE = {
  by: "certDays",
  warning:
    "expect.certDays is held against the certificate by remote vantages alone (Workers shows no certificate), and none looks",
};

const RedisExpectSchema = z.strictObject({
  /** What `ROLE` must answer. A server that asks for a password first does not answer it, which is `app_error`. */
  role: z.enum(["primary", "replica"]).optional(),
});

const PostgresExpectSchema = z.strictObject({
  /** It must be ready to begin a session, as pg_isready checks; by default the probe only asks whether it would use TLS. */
  ready: z.boolean().optional(),
});

/** The names of the codes in RFC 1035. */
export const RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"] as const;

const DnsExpectSchema = z
  .strictObject({
    /** Default: NOERROR, with a record of the requested type. */
    rcode: z.enum(RCODES).optional(),
    /** Each must be among the records of the requested type, written as in a zone file: `192.0.2.7`, `10 mail.example`. */
    answers: z.array(z.string().min(1).max(255)).min(1).max(20).optional(),
    /** The seconds that each of these records must still be valid. */
    minTtl: z.int().min(1).max(2_147_483_647).optional(),
  })
  .superRefine(({ rcode, answers, minTtl }, context) => {
    if (rcode === undefined || rcode === "NOERROR") return;
    for (const [field, value] of Object.entries({ answers, minTtl }))
      if (value !== undefined)
        context.addIssue({
          code: "custom",
          path: [field],
          message: `is for rcode NOERROR: with ${rcode} there are none`,
        });
  });

/** Answers that no record of the requested type could ever be. */
const strangeAnswers = (href: string, { answers = [] }: z.infer<typeof DnsExpectSchema>): ExpectFlaw[] => {
  const { type } = questionIn(href);
  return answers.flatMap((text, index) => {
    const message = unlike(text, type);
    return message === undefined ? [] : [{ path: ["answers", index], message }];
  });
};

const HTTP = {
  form: "web",
  hasHeaders: true,
  beside: wordless,
  unproven: {
    by: ["status", "bodyIncludes"],
    warning: "any 2xx is taken for a good answer: expect.status and expect.bodyIncludes ask for more",
  },
  drilled: "status 500",
  control: { status: [200, 204, 301, 302, 304, 307, 308] },
} satisfies Omit<Kind, "expect">;

export const PROBE_KINDS = {
  http: { ...HTTP, port: 80, expect: HttpExpectSchema },
  https: { ...HTTP, port: 443, isSecure: true, expect: HttpsExpectSchema, hidden: HIDDEN_CERTIFICATE },
  tcp: {
    form: "port",
    expect: TcpExpectSchema,
    unproven: {
      by: ["bodyIncludes"],
      warning:
        "a TCP connection that opens proves that something listens there, be it a proxy before a dead server: expect.bodyIncludes, with expect.sends where the server speaks second, asks the server itself",
    },
    drilled: "an unexpected answer",
  },
  tls: {
    form: "port",
    isSecure: true,
    expect: TlsExpectSchema,
    hidden: HIDDEN_CERTIFICATE,
    drilled: "its certificate expires in 0 days",
  },
  dns: {
    form: "question",
    port: 53,
    expect: DnsExpectSchema,
    beside: strangeAnswers,
    unproven: {
      by: ["answers", "rcode"],
      warning:
        "any answer with a record of the type asked for is taken for good: expect.answers asks for what must be among them",
    },
    hidden: {
      warning:
        "Workers has no UDP: the vantages there ask this name server by TCP, and no remote vantage looks, which would ask by UDP",
    },
    drilled: "rcode SERVFAIL, expected NOERROR",
  },
  postgres: {
    form: "port",
    port: 5432,
    expect: PostgresExpectSchema,
    cannot: {
      role: "PostgreSQL tells whether it is in recovery to those alone who have logged in (in_hot_standby, pg_is_in_recovery())",
    },
    unproven: {
      by: ["ready"],
      warning:
        "a PostgreSQL server answers an SSLRequest while it starts, recovers or is full: expect.ready asks whether it begins sessions",
    },
    drilled: "the server says: the database system is starting up (57P03)",
  },
  redis: {
    form: "port",
    port: 6379,
    expect: RedisExpectSchema,
    drilled: "LOADING",
  },
} satisfies Record<string, Kind>;

export type Scheme = keyof typeof PROBE_KINDS;
/** What may be expected of a target of this scheme. */
export type ExpectOf<S extends Scheme> = S extends Scheme
  ? z.infer<(typeof PROBE_KINDS)[S]["expect"]>
  : never;
/** What is expected of a target: a union by the scheme of its URL. */
export type Expect = ExpectOf<Scheme>;

export const SCHEMES = Object.keys(PROBE_KINDS) as Scheme[];

const isScheme = (word: string): word is Scheme => Object.hasOwn(PROBE_KINDS, word);

/** The scheme of a URL; undefined if it is not a known one. */
export const schemeOf = (url: string): Scheme | undefined => {
  const word = /^([a-z]+):\/\//.exec(url)?.[1] ?? "";
  return isScheme(word) ? word : undefined;
};

export const probeKindOf = (scheme: Scheme): Kind => PROBE_KINDS[scheme];

/** What is expected of a control at this URL. */
export const controlExpect = (url: string): Expect | undefined => probeKindOf(schemeOf(url) ?? "tcp").control;

/** A list for people: `a, b or c`. */
export const anyOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
