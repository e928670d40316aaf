/** docs/consumers.md: what each program did, and how long it took. */
import { asMarkdown } from "../../test/text/columns.ts";
import type { Consumer, Row } from "./consumer.ts";
import { COST_TARGETS, type Cost } from "./costs.ts";
import { FAULTS } from "./faults.ts";
import { type State, TRUTHS } from "./state.ts";

/** A whole run. */
export interface Found {
  rows: readonly Row[];
  /** The version that each program reports, by the consumer's name. */
  versions: ReadonlyMap<string, string>;
  costs: readonly Cost[];
  /** The machine of the run, and how long it took. */
  machine: string;
}

const INTRODUCTION = `# Programs that poll us

For whoever has a program poll us, and asks what it does on the day we are down.

Written by \`npm run consumers -- --report\`: edit the tests, not this page.

One real detector, real nodes, and the real programs beside it, each with its example's own files from \`examples/\`. What a target's primary has
come to is really so: killed, frozen, every other answer a 500, or silent by a live drill, each target with a \`restartGraceMs\` of 0. All programs poll through one proxy, which
then fails in our place: it answers 500, 401 or 429, answers right after 3.5 s, or refuses connections. Each of these is held
for several of the program's own polling intervals, and what the _program_ does is looked at every second: whom it names, where requests
arrive, what it exits with. A cell is **bold** where it did otherwise than while we were fine. A _switch_ is a look at which
the program had left a primary, or promoted a standby, that no verdict told it to.

It runs on Debian as root: \`npm run consumers -- --check\` says what is missing.
`;

const CHOICE = `## Which form to take

A check of one target knows nothing of the others. A group (\`PUT /v1/groups/NAME\`) decides for its members together: the last ones of a pool
stay in, too many never go at once, and at most one leads. Take the group's form where there is one; a form is recommended where
nothing switches while we fail.

| program    | a pool          | a single leader     | for single targets, without a group   |
| ---------- | --------------- | ------------------- | ------------------------------------- |
| HAProxy    | \`haproxy-pool\`  | \`haproxy-leader\`    | \`haproxy-agent\`, \`haproxy-avoid\`      |
| PowerDNS   | \`powerdns-pool\` | \`powerdns-leader\`   | \`powerdns-avoid\`, \`powerdns-failover\` |
| gdnsd      | \`gdnsd-pool\`    | \`gdnsd-leader\`      | \`gdnsd-extfile\`                       |
| keepalived |                 | \`keepalived-leader\` | \`keepalived\`                          |
| PostgreSQL |                 | \`postgresql\`        | \`patroni\`                             |

- **What is not heard must change nothing, and most health checks cannot say "not heard".** So each of these forms puts a memory between the
  program and us: HAProxy's own stick table, or a file, which outlives a restart of whoever reads it.
- **Never send a check of \`…/serving\` straight from a load balancer to us** (\`haproxy-serving\`, \`powerdns-serving\`): it answers 503 of a member that is out, and
  so does everything else that goes wrong between us and you.
- \`haproxy-agent\` in place of \`haproxy-pool\` lets HAProxy's own check count as well, and costs a process; it knows no group: nothing keeps the last members in.
- None of these is a fence. Until the next look, a second or two later, a program may still name or reach the leader of before: let the store refuse an older epoch.
- The row \`lost\` is a pair that lost first its primary and then its standby: a pool keeps the one that fell last, and so does a lead.
`;

type Cells = readonly string[];

const COLUMNS = ["fine", ...FAULTS] as const;

const rowOf = (state: State, rows: readonly Row[]): Cells => {
  const under = (fault: string): Row | undefined => rows.findLast((row) => row.fault === fault);
  const cells = COLUMNS.map((fault) => {
    const { did = "not seen" } = under(fault) ?? {};
    return did === under("fine")?.did ? did : `**${did}**`;
  });
  const switches = rows.reduce((sum, { violations }) => sum + violations, 0);
  return [state, TRUTHS[state].verdict, ...cells, String(switches)];
};

/** A consumer's rows: `NAME/STATE` of the matrix, and `NAME/…` or `NAME: …` of further rows. */
const isOf =
  ({ name }: Consumer) =>
  ({ scenario }: Row): boolean =>
    scenario.startsWith(`${name}/`) || scenario.startsWith(`${name}: `);

const sectionOf = (consumer: Consumer, { rows, versions }: Found): string[] => {
  const own = rows.filter(isOf(consumer));
  const tabled = (row: Row): boolean =>
    consumer.states.some((state) => row.scenario === `${consumer.name}/${state}`) &&
    COLUMNS.some((fault) => fault === row.fault);
  const lines = consumer.states.map((state) =>
    rowOf(
      state,
      own.filter((row) => tabled(row) && row.scenario === `${consumer.name}/${state}`),
    ),
  );
  const { example, caution } = consumer;
  const also = own.filter((row) => !tabled(row));
  return [
    `### ${consumer.title}`,
    "",
    [
      versions.get(consumer.name) ?? consumer.name,
      ...(example === undefined ? [] : [`[${example}](../${example})`]),
      ...(consumer.recommended ? [] : ["**not to be copied**"]),
    ].join(", ") + ".",
    ...(caution === undefined ? [] : ["", `**${caution}**`]),
    "",
    ...(lines.length === 0
      ? []
      : [...asMarkdown([["primary", "verdict", ...COLUMNS, "switches"], ...lines]), ""]),
    ...also.map((row) => alsoOf(consumer, row)),
    ...(also.length === 0 ? [] : [""]),
  ];
};

const alsoOf = ({ name }: Consumer, { scenario, fault, did, seconds, detail }: Row): string => {
  const what = scenario.slice(name.length + 1).trim();
  const when = seconds > 0 ? `, after ${seconds.toFixed(1)} s` : "";
  return `- ${what}${fault === "" ? "" : ` (${fault})`}: ${did}${when}. ${detail}`.trimEnd();
};

/** Programs whose times are shown, with the name under which each measured its own check. */
const TIMED: readonly (readonly [name: string, title: string, own: string | undefined])[] = [
  ["verdict", "the verdict itself, confirmed", undefined],
  ["haproxy-agent", "HAProxy, `agent.cfg`: agent and its own check", "haproxy-own"],
  ["haproxy-agent-alone", "HAProxy, the agent alone", "haproxy-own"],
  ["haproxy-avoid", "HAProxy, `avoid.cfg`", "haproxy-own"],
  ["powerdns", "PowerDNS, record `www`", "powerdns-own"],
  ["gdnsd-extfile", "gdnsd, `extfile`", "gdnsd-own"],
];

/** `2.8 (2.4 to 2.9)`. */
export const spread = (seconds: readonly number[]): string => {
  if (seconds.length === 0) return "";
  const sorted = seconds.toSorted((a, b) => a - b);
  const shown = (value: number | undefined): string => (value ?? 0).toFixed(1);
  const median = shown(sorted[Math.floor(sorted.length / 2)]);
  return sorted.length === 1 ? median : `${median} (${shown(sorted[0])} to ${shown(sorted.at(-1))})`;
};

const timesOf = ({ rows }: Found): string[] => {
  const taken = (name: string, sites: string): string =>
    spread(
      rows
        .filter(({ scenario }) => scenario.startsWith(`times/${name}/${sites}`))
        .map(({ seconds }) => seconds),
    );
  const lines = TIMED.map(([name, title, own]) => [
    title,
    taken(name, "timed"),
    taken(name, "noticed"),
    own === undefined ? "" : taken(own, "timed"),
  ]);
  return [
    "## From a death to the last request, and to the first other answer",
    "",
    "`kill -9` of a primary at a known instant, six times in one run, all programs looking on at the same deaths, 50 requests a second to",
    "each of HAProxy's frontends. Seconds from the kill: for HAProxy to the last request it sent the dead node, its own retries included; for the name servers to the",
    "last answer that named it. Median (fastest to slowest). Targets are looked at every 5 s by 7 vantages each; a crash notice is posted with the",
    "kill, as `parallax agent` does when its child ends.",
    "",
    ...asMarkdown([
      ["program", "told by Parallax", "with a crash notice", "its own check, at its defaults"],
      ...lines,
    ]),
    "",
    "Own checks: HAProxy `check` (2 s, 3 failures), PowerDNS `ifurlup` (5 s, 1 failure), gdnsd `http_status` (10 s, 10 failures; once). A crash is what an own",
    "check sees best: the kernel refuses for the dead process. It cannot tell a cut path from a death.",
    "",
  ];
};

/** The table of costs. */
export const costLines = (costs: readonly Cost[]): string[] =>
  asMarkdown([
    ["configuration", "we start", "CPU seconds a minute", "with `parallax check`", "requests a minute"],
    ...costs.map(({ title, runs, cpu, cpuByProgram, requests }) => [
      title,
      runs,
      cpu === undefined ? "" : cpu.toFixed(2),
      cpuByProgram === undefined ? "" : cpuByProgram.toFixed(2),
      requests.toFixed(0),
    ]),
  ]);

const costsOf = ({ costs }: Found): string[] => [
  "## What each costs",
  "",
  `For ${COST_TARGETS} targets on one machine, measured in the same run, while our API is fine: the CPU that everything our configuration starts uses, not the`,
  "program's own; beside it what the same configuration costs with `parallax check`, a process of Node's for each check. A follower asks once for all",
  "of its targets, a command is run for each.",
  "",
  ...costLines(costs),
  "",
  "Patroni and orchestrator run `parallax gate` once a promotion, not once a check; and it must remember the newest verdict it has seen, so no script takes its place.",
  "",
];

/** One line for people about all of it. */
export const summaryOf = (rows: readonly Row[], consumers: readonly Consumer[]): string => {
  const isRecommended = (row: Row): boolean =>
    consumers.some((consumer) => consumer.recommended && isOf(consumer)(row));
  const switches = (some: readonly Row[]): number =>
    some.reduce((sum, { violations }) => sum + violations, 0);
  const right = rows.filter(({ ok }) => ok).length;
  const safe = switches(rows.filter(isRecommended));
  const other = switches(rows.filter((row) => !isRecommended(row)));
  return `${right} of ${rows.length} as expected; switches caused by our own outage: ${safe} on the recommended configurations, ${other} looks on the others`;
};

const HEAD_OF_ALL = "## What each does";

/** The page, from a whole run. */
export const asPage = (found: Found, consumers: readonly Consumer[]): string =>
  [
    INTRODUCTION,
    `${summaryOf(found.rows, consumers)}; ${found.machine}.`,
    "",
    CHOICE,
    ...timesOf(found),
    ...costsOf(found),
    HEAD_OF_ALL,
    "",
    ...consumers.flatMap((consumer) => sectionOf(consumer, found)),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");

/**
 * A page with new sections for some consumers from a later run of these alone, each in its place among `all`. The page says so, and keeps
 * all other measurements.
 */
export const withSections = (
  page: string,
  found: Found,
  some: readonly Consumer[],
  all: readonly Consumer[],
): string => {
  const [before = "", after = ""] = page.split(`${HEAD_OF_ALL}\n`);
  const old = after.split(/^(?=### )/m).slice(1);
  const sections = all.map((consumer) =>
    some.includes(consumer)
      ? `${sectionOf(consumer, found).join("\n").trimEnd()}\n\n`
      : (old.find((section) => section.startsWith(`### ${consumer.title}\n`)) ?? ""),
  );
  const names = some.map(({ name }) => `\`${name}\``).join(", ");
  const said = `Of a later run of ${names} alone: ${summaryOf(found.rows, some)}; ${found.machine}.`;
  const [head = "", ...rest] = before.split(/^(?=## )/m);
  const first = head.split(/^Of a later run of /m)[0]?.trimEnd() ?? "";
  const others = rest.filter((part) => part.split("\n")[0] !== CHOICE.split("\n")[0]).join("");
  return `${first}\n\n${said}\n\n${CHOICE}\n${others}${HEAD_OF_ALL}\n\n${sections.join("").trimEnd()}\n`;
};
