import { ownOf } from "../../domain/own.ts";
import { type Draft, type Haul, originOf, takeMethod } from "./draft.ts";
import { monitorsIn } from "./monitors.ts";
import { type Misread, type Part, partOf, type ImportSource } from "./part.ts";
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

const readMonitor = (monitor: Part, haul: Haul): void => {
  const name = monitor.at("id").text() ?? monitor.at("name").text() ?? "";
  const origin = originOf(monitor, name);
  const field = monitor.at("target");
  if (field.value === null) return haul.leave(origin, `its target ${WORKED_OUT}`);
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
  takeFields(draft, monitor);
};

/** Reads the list of monitors in a TypeScript program. */
export const readUptimeFlare = (sources: ImportSource[], haul: Haul): void => {
  for (const { file, text } of sources) {
    const listed = monitorsIn(text);
    if (listed === undefined) {
      const message = "is missing: the configuration has a list, monitors: [ … ]";
      haul.flaws.push({ file, line: undefined, field: "monitors", message });
      continue;
    }
    for (const expression of listed.expressions)
      haul.lost.push({ origin: { file, line: expression.line, name: expression.text }, text: WORKED_OUT });
    const flaws: Misread[] = [];
    for (const monitor of partOf({ file, text: listed.list }, flaws)?.list() ?? [])
      readMonitor(monitor, haul);
    for (const flaw of flaws)
      haul.flaws.push(
        flaw.field === "" ? { ...flaw, message: `only plain values are read here (${flaw.message})` } : flaw,
      );
  }
  haul.hints.push(
    "Of UptimeFlare only the monitors are read, and of these plain values: what the program works out, notifications, callbacks, maintenance and pages are not.",
  );
};
