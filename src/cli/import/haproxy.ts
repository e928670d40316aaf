import { durationMs } from "../shared/arguments/duration.ts";
import { authority, type Draft, type Haul, takeInsecure } from "./draft.ts";
import { type HaproxyCheck, haproxyCheckOf, isStrangeCheck, takeCheck } from "./haproxy-check.ts";
import { type HaproxyLine, type Section, sectionsIn } from "./haproxy-lines.ts";
import { ALONE, isLine, WITH_VALUE } from "./haproxy-words.ts";
import type { ImportSource } from "./part.ts";

/** The shortest interval of a target. HAProxy's own default for `inter`, 2 s, is shorter. */
const INTERVAL_MS = 5_000;

/** Words with their arguments. A later word replaces an earlier one, and `no-check` removes `check`. */
const settingsOf = (words: readonly string[]): { settings: Map<string, string>; unknown: string[] } => {
  const settings = new Map<string, string>();
  const unknown: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (WITH_VALUE.has(word)) settings.set(word, words[++at] ?? "");
    else if (ALONE.has(word)) {
      settings.delete(word.startsWith("no-") ? word.slice(3) : `no-${word}`);
      settings.set(word, "");
    } else {
      unknown.push(word);
      // What follows is its argument, unless it is a word of its own.
      const next = words[at + 1] ?? "";
      if (!WITH_VALUE.has(next) && !ALONE.has(next)) at++;
    }
  }
  return { settings, unknown };
};

/** What is wrong with the place that checks go to; undefined where nothing is. */
const flawOfPlace = (settings: Map<string, string>, port: string): string | undefined => {
  if (settings.get("addr") === "") return "addr has no value: write addr 10.0.0.9, or leave it out";
  if (settings.get("port") === "") return "port has no value: write port 8080, or leave it out";
  const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
  return isPort ? undefined : `port ${port} is none: it must be 1 to 65535`;
};

const NO_TIME = "is no time: write 500ms, 5s, 1m";

/** Takes `inter`, and notes the words that cannot be read. */
const takeWords = (draft: Draft, settings: Map<string, string>, unknown: readonly string[]): void => {
  const inter = settings.get("inter");
  const interMs = durationMs(inter ?? "", "ms");
  draft.intervalMs = interMs ?? INTERVAL_MS;
  if (inter !== undefined && interMs === undefined)
    draft.lost.push(`inter ${inter || "without a value"} ${NO_TIME}; intervalMs became ${INTERVAL_MS}`);
  for (const word of unknown) draft.lost.push(`${word}: no word of a server that is known here`);
};

/** `host:port`, `[2001:db8::1]:443`, `2001:db8::1:443`, `host`; undefined for any other address. */
const placeOf = (address: string): { host: string; port: string | undefined } | undefined => {
  const bare = address.replace(/^(ipv4|ipv6|tcp|tcp4|tcp6)@/, "");
  if (/[@/$]|^\*|^:/.test(bare)) return undefined;
  const [, host = bare, port] = /^(.*):(\d+)$/.exec(bare) ?? [];
  return { host, port };
};

/** A server of a backend, and the settings of its section. */
interface Server {
  file: string;
  section: Section;
  line: HaproxyLine;
  defaults: readonly string[];
  check: HaproxyCheck;
  checkMs: number | undefined;
}

const schemeOf = ({ kind }: HaproxyCheck, settings: Map<string, string>): string => {
  // HAProxy's manual, `check-ssl`: `ssl` holds for checks as for traffic, unless checks go to another place.
  const isElsewhere = ["port", "addr", "no-check-ssl"].some((word) => settings.has(word));
  const isSecure = settings.has("check-ssl") || (settings.has("ssl") && !isElsewhere);
  if (kind === "http") return isSecure ? "https" : "http";
  if (kind === "postgres" || kind === "redis") return kind;
  return isSecure || kind === "tls" ? "tls" : "tcp";
};

/** Notes what HAProxy does with a connection and Parallax does not. */
const takeConnection = (draft: Draft, settings: Map<string, string>): void => {
  if (settings.get("verify") === "none") takeInsecure(draft, "verify none");
  if (settings.has("check-sni") || (settings.has("sni") && draft.url.startsWith("https:")))
    draft.doubts.push("SNI: Parallax sends the URL's host; give the node a name and write it in the URL");
  for (const word of ["send-proxy", "send-proxy-v2", "check-send-proxy"])
    if (settings.has(word)) draft.doubts.push(`${word}: Parallax sends no PROXY line; watch a port without`);
};

const readServer = ({ file, section, line, defaults, check, checkMs }: Server, haul: Haul): void => {
  const [, name = "", address = "", ...words] = line.words;
  const origin = { file, line: line.number, name: `${section.name}/${name}` };
  const { settings, unknown } = settingsOf([...defaults, ...words]);
  const place = placeOf(address);
  const port = settings.get("port") ?? place?.port;
  if (place === undefined)
    return haul.leave(origin, `its address ${address} is no host and port: write one that vantages reach`);
  if (port === undefined) return haul.leave(origin, "it has no port of its own: write host:port");
  const flaw = flawOfPlace(settings, port);
  if (flaw !== undefined) return haul.leave(origin, flaw);
  const scheme = schemeOf(check, settings);
  const path = check.kind === "http" ? check.path.replace(/^(?!\/)/, "/") : "";
  const host = settings.get("addr") ?? place.host;
  const draft = haul.draft(origin, section.name, name, `${scheme}://${authority(host, port)}${path}`);
  takeWords(draft, settings, unknown);
  draft.timeoutMs = checkMs;
  draft.isPaused = settings.has("disabled");
  takeConnection(draft, settings);
  if (!settings.has("check"))
    draft.lost.push("no check: HAProxy does not look at it; leave it out if nobody should");
  takeCheck(draft, check);
};

/** A section's own lines, after those of its defaults. */
const linesFor = (section: Section, defaults: Section | undefined): HaproxyLine[] => [
  ...(defaults?.lines ?? []),
  ...section.lines,
];

/** Notes the lines of a section that cannot be read, each once. */
const noteLines = (file: string, section: Section, haul: Haul): void => {
  for (const { number, words } of section.lines) {
    const [word = "", kind = "", value = ""] = words;
    const note = (name: string, text: string): void => {
      haul.lost.push({
        origin: { file, line: number, name: `${section.kind} ${section.name}`.trim() },
        text: `${name} ${text}`,
      });
    };
    if (!isLine(word)) note(word, "is no line of a backend that is known here: nothing was taken from it");
    if (word === "option" && isStrangeCheck(kind))
      note(`option ${kind}`, "is no check that is known here: nothing was taken from it");
    if (word === "timeout" && kind === "check" && durationMs(value, "ms") === undefined)
      note(`timeout check ${value || "without a value"}`, NO_TIME);
  }
};

const readSection = (file: string, section: Section, defaults: Section | undefined, haul: Haul): void => {
  const lines = linesFor(section, defaults);
  const [check, timeouts] = [
    haproxyCheckOf(defaults?.lines ?? [], section.lines),
    lines.filter(({ words }) => words[0] === "timeout"),
  ];
  const timeoutOf = (kind: string): string =>
    timeouts.findLast(({ words }) => words[1] === kind)?.words[2] ?? "";
  const common = lines
    .filter(({ words }) => words[0] === "default-server")
    .flatMap(({ words }) => words.slice(1));
  for (const line of section.lines) {
    const [word, name = ""] = line.words;
    const place = { file, line: line.number, field: `${section.kind} ${section.name}` };
    if (word === "server-template")
      haul.leave(
        { file, line: line.number, name: `${section.name}/${name}` },
        "server-template: its servers come from DNS or by hand; a target is one node, named by its own address",
      );
    if (word !== "server") continue;
    if (line.words.length < 3)
      haul.flaws.push({ ...place, message: "server needs a name and an address: server web-1 10.0.0.1:80" });
    else
      readServer(
        { file, section, line, defaults: common, check, checkMs: durationMs(timeoutOf("check"), "ms") },
        haul,
      );
  }
};

/** Reads the servers of backends and of `listen` sections. */
export const readHaproxy = (sources: ImportSource[], haul: Haul): void => {
  for (const { file, text } of sources) {
    const { sections, unread } = sectionsIn(text);
    for (const line of unread)
      haul.flaws.push({ file, line, field: "", message: "a quote or a backslash has no end: close it" });
    let last: Section | undefined;
    const named = new Map<string, Section>();
    const isServing = ({ kind }: Section): boolean => kind === "backend" || kind === "listen";
    if (!sections.some(isServing))
      haul.flaws.push({ file, line: undefined, field: "", message: "has no backend and no listen section" });
    for (const section of sections) {
      if (section.kind === "defaults" || isServing(section)) noteLines(file, section, haul);
      const base = section.from === undefined ? undefined : named.get(section.from);
      if (section.kind === "defaults") {
        last = { ...section, lines: linesFor(section, base) };
        named.set(section.name, last);
      } else if (isServing(section))
        readSection(file, section, section.from === undefined ? last : base, haul);
    }
  }
  haul.hints.push(
    "HAProxy's rise and fall have no like: Parallax judges by many vantages. A backend is often no site: what fails together is.",
  );
};
