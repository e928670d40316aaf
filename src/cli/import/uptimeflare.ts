import { ownOf } from "../../domain/own.ts";
import { type Draft, type Haul, originOf, takeMethod } from "./draft.ts";
import { MONITORS, monitorsIn } from "./monitors.ts";
import { Part, type ImportSource } from "./part.ts";
import { BadScript, type WorkedOut } from "./script-values.ts";
import { type Range, takeStatuses } from "./statuses.ts";

/** UptimeFlare's Worker is started each minute. */
const INTERVAL_MS = 60_000;

/** Fields that only its status page uses. */
const SHOWN = ["id", "name", "tooltip", "statusPageLink", "hideLatencyChart"];
const ASKED = ["method", "target", "timeout", "headers", "body", "expectedCodes", "responseKeyword"];
const LOST: Readonly<Record<string, string>> = {
  responseForbiddenKeyword: "Parallax looks for a text that must be there: expect.bodyIncludes",
  checkProxy: "Parallax asks from its own vantages",
  checkProxyFallback: "Parallax asks from its own vantages",
};
/** Fields that change the request; `...` may be any field. */
const OF_REQUEST = ["method", "headers", "body", "..."];
const WORKED_OUT = "is worked out by the program, of which nothing is run: write the value";

const takeFields = (draft: Draft, monitor: Part): void => {
  for (const [name, value] of monitor.at("headers").entries())
    if (value.isThere) draft.headers[name] = value.text() ?? "";
  const codes = monitor.at("expectedCodes").list();
  const ranges = codes.flatMap((code): Range[] => {
    const number = code.number();
    return number === undefined ? [] : [[number, number]];
  });
  if (ranges.length > 0) takeStatuses(draft, ranges);
  const keyword = monitor.at("responseKeyword").text();
  if (keyword !== undefined) draft.expect["bodyIncludes"] = keyword;
  for (const [field, value] of monitor.entries())
    if (!SHOWN.includes(field) && !ASKED.includes(field) && value.isThere)
      draft.lost.push(`${field}: ${ownOf(LOST, field) ?? "Parallax has none like it"}`);
};

/** `workedOut`: what of this monitor only the program knows. */
const readMonitor = (monitor: Part, workedOut: readonly WorkedOut[], haul: Haul): void => {
  const name = monitor.at("id").text() ?? monitor.at("name").text() ?? "";
  const origin = originOf(monitor, name);
  const computed = (...fields: string[]): WorkedOut[] =>
    workedOut.filter(({ path }) => fields.includes(String(path[2])));
  const field = monitor.at("target");
  if (!field.isThere && computed("target", "...").length > 0)
    return haul.leave(origin, `its target ${WORKED_OUT}`);
  const target = field.needed("what to ask: https://example.com");
  if (target === undefined) return;
  const isTcp = monitor.at("method").text() === "TCP_PING";
  const url = isTcp ? `tcp://${target.replace(/^tcp:\/\//, "")}` : target;
  const draft = haul.draft(origin, undefined, name, url);
  // `process.env.NAME` has become a reference.
  draft.hasVariables = true;
  draft.intervalMs = INTERVAL_MS;
  draft.timeoutMs = monitor.at("timeout").number();
  if (!isTcp) takeMethod(draft, monitor.at("method").text(), monitor.at("body").isThere);
  for (const { line, text } of computed(...OF_REQUEST))
    draft.doubts.push(`${text} in line ${line} may change what is asked: write the value`);
  takeFields(draft, monitor);
};

const readList = (file: string, text: string, haul: Haul): void => {
  const listed = monitorsIn(text);
  if (listed === undefined) {
    const message = "is missing: the configuration has a list, monitors: [ … ]";
    haul.flaws.push({ file, line: undefined, field: MONITORS, message });
    return;
  }
  const { list, lineOf, workedOut } = listed;
  const byMonitor = new Map<unknown, WorkedOut[]>();
  for (const each of workedOut) {
    const ofMonitor = byMonitor.get(each.path[1]) ?? [];
    ofMonitor.push(each);
    byMonitor.set(each.path[1], ofMonitor);
    const origin = { file, line: each.line, name: each.text };
    // Of a whole monitor, or a list of some, nothing is known.
    if (each.path.length === 2) haul.leave(origin, WORKED_OUT);
    else haul.lost.push({ origin, text: WORKED_OUT });
  }
  for (const [index, monitor] of new Part(file, list, [MONITORS], lineOf, haul.flaws).list().entries()) {
    const computed = byMonitor.get(index) ?? [];
    if (!computed.some(({ path }) => path.length === 2)) readMonitor(monitor, computed, haul);
  }
};

/** Reads the list of monitors in a TypeScript program. */
export const readUptimeFlare = (sources: ImportSource[], haul: Haul): void => {
  for (const { file, text } of sources)
    try {
      readList(file, text, haul);
    } catch (error) {
      if (!(error instanceof BadScript)) throw error;
      const { line, path, message } = error;
      haul.flaws.push({ file, line, field: path.join("."), message });
    }
  haul.hints.push(
    "Of UptimeFlare only the monitors are read, and of these plain values: what the program works out, notifications, callbacks, maintenance and pages are not.",
  );
};
