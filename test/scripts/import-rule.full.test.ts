import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Sample, WINGS, wingSamples } from "./wings.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDERS = [
  "domain",
  "probe",
  "schedule",
  "verdict",
  "group",
  "replay",
  "vantage",
  "aggregator",
  "conductor",
  "webhooks",
  "dashboard",
  "api",
  "client",
  "cli",
];
const ROOT_FILES = ["colo", "config", "index", "migrations"];
const PACKAGES = [
  "zod",
  "hono",
  "hono/http-exception",
  "@hono/zod-openapi",
  "cloudflare:workers",
  "cloudflare:sockets",
  "node:net",
  "wrangler",
];
const HONO = ["hono", "hono/http-exception", "@hono/zod-openapi"];
const WORKERS = ["cloudflare:workers", "cloudflare:sockets"];

/** The table of import directions: what each folder of src may import besides itself. */
const MAY_IMPORT: Record<string, string[]> = {
  domain: ["zod"],
  verdict: ["domain"],
  group: ["domain"],
  replay: ["domain", "verdict"],
  probe: ["domain"],
  schedule: ["domain"],
  webhooks: ["domain", "config"],
  client: ["domain"],
  vantage: ["domain", "probe", "schedule", "config", "colo", ...WORKERS],
  aggregator: ["domain", "verdict", "replay", "webhooks", "config", "colo", "migrations", ...WORKERS],
  conductor: ["domain", "group", "replay", "config", "migrations", ...WORKERS],
  dashboard: ["domain"],
  api: ["domain", "dashboard", "config", "zod", ...HONO],
  cli: ["domain", "probe", "schedule", "replay", "client", "node:net"],
};

/** Everything that reads a clock, draws a number or does I/O, as a call. */
const IMPURE = [
  "Date.now()",
  "new Date()",
  "Math.random()",
  "fetch('')",
  "crypto.randomUUID()",
  "performance.now()",
  "setTimeout(f, 1)",
  "setInterval(f, 1)",
  "queueMicrotask(f)",
  "process.pid",
  "console.log(1)",
  "globalThis.Date",
  "caches.default",
  "navigator.userAgent",
  "new WebSocket('')",
];
const PURE_FOLDERS = ["verdict", "group", "replay", "schedule", "dashboard"];

const importOf = (what: string, up: string): string => {
  if (FOLDERS.includes(what)) return `${up}${what}/thing.ts`;
  return ROOT_FILES.includes(what) ? `${up}${what}.ts` : what;
};

/** One file for each folder, depth and import. A type-only import is a form of its own. */
const importSamples = (): Sample[] =>
  FOLDERS.flatMap((folder) =>
    ["", "inner/"].flatMap((depth) =>
      [...FOLDERS, ...ROOT_FILES, ...PACKAGES].flatMap((what, index) =>
        ["import { x }", "import type { x }", "export { x }"].map((form, nth) => {
          const up = depth === "" ? "../" : "../../";
          const source = `${form} from "${importOf(what, up)}";\n${nth === 0 ? "export const y = x;\n" : ""}${nth === 1 ? "export type Y = x;\n" : ""}`;
          const own = what === folder;
          return {
            path: `src/${folder}/${depth}sample-${index}-${nth}.ts`,
            folder,
            what: `${what} (${form} ${depth})`,
            source: own
              ? `${form} from "./thing.ts";\n${nth === 0 ? "export const y = x;\n" : ""}${nth === 1 ? "export type Y = x;\n" : ""}`
              : source,
            forbidden: !own && !MAY_IMPORT[folder]?.includes(what),
          };
        }),
      ),
    ),
  );

/** Commands are in folders of their own. A command may import `command.ts` and what is in `shared`, and nothing of another command. */
const commandSamples = (): Sample[] =>
  (
    [
      "../command.ts",
      "../shared/time/thing.ts",
      "../thing.ts",
      "../other/thing.ts",
      "../../config.ts",
      "../../cli/thing.ts",
    ] as const
  ).map((what, index) => ({
    path: `src/cli/inner/command-${index}.ts`,
    folder: "cli",
    what,
    source: `export { x } from "${what}";\n`,
    forbidden: what !== "../command.ts" && what !== "../shared/time/thing.ts",
  }));

/** Plain files import nothing, and `check` and `gate` load no schema library, directly or indirectly. */
const lightSamples = (): Sample[] => {
  const rows: [path: string, folder: string, form: string, what: string, forbidden: boolean][] = [
    ["domain/plain", "domain", "export { x }", "./thing.ts", false],
    ["domain/plain", "domain", "export { x }", "zod", true],
    ["domain/plain", "domain", "export { x }", "../verdict.ts", true],
    ["domain/plain", "domain", "export type { x }", "../verdict.ts", true],
    ["dashboard/replay", "dashboard", "export { x }", "../matrix.ts", false],
    ["dashboard/replay", "dashboard", "export { x }", "../../replay/rejudge.ts", false],
    ["dashboard/replay", "dashboard", "export { x }", "../../domain/target.ts", true],
    ["dashboard/replay", "dashboard", "export { x }", "zod", true],
    ["cli/agent/lead", "cli", "export { x }", "../notice-queue.ts", false],
    ["cli/agent/lead", "cli", "export { x }", "../../shared/time/thing.ts", false],
    ["cli/agent/lead", "cli", "export { x }", "../../watch/watch-command.ts", true],
    ["cli/agent/lead", "cli", "export { x }", "../../../api/app.ts", true],
    ["cli/shared/time", "cli", "export { x }", "../process/thing.ts", false],
    ["cli/shared/time", "cli", "export { x }", "../../watch/watch-command.ts", true],
    ["cli/shared/time", "cli", "export { x }", "../../../client/thing.ts", false],
    ["cli/shared/time", "cli", "export { x }", "../../../replay/thing.ts", true],
    ...["check", "gate"].flatMap((command): [string, string, string, string, boolean][] => [
      [`cli/${command}`, "cli", "export { x }", "../shared/time/thing.ts", false],
      [`cli/${command}`, "cli", "export { x }", "../shared/document/thing.ts", true],
      [`cli/${command}`, "cli", "export { x }", "../../domain/plain/verdict-table.ts", false],
      [`cli/${command}`, "cli", "export { x }", "../../domain/verdict.ts", true],
      [`cli/${command}`, "cli", "export { x }", "../../client/check-calls.ts", false],
      [`cli/${command}`, "cli", "export { x }", "../../client/client.ts", true],
      [`cli/${command}`, "cli", "export type { x }", "../../client/client.ts", true],
      [`cli/${command}`, "cli", "export type { x }", "../../api/app.ts", true],
      [`cli/${command}`, "cli", "export { x }", "yaml", true],
    ]),
  ];
  return rows.map(([path, folder, form, what, forbidden], index) => ({
    path: `src/${path}/light-${index}.ts`,
    folder,
    what: `${what} (${form} of ${path})`,
    source: `${form} from "${what}";\n`,
    forbidden,
  }));
};

/** The judge's layers, bottom to top: each imports those before it. Three of them are single files. */
const LAYERS = [
  "tuning.ts",
  "memory",
  "intake",
  "facts",
  "belief",
  "naming",
  "standing",
  "attention.ts",
  "judge.ts",
];

const layerSamples = (): Sample[] => {
  const inLayer = (layer: string): string => (layer.endsWith(".ts") ? layer : `${layer}/thing.ts`);
  const sample = (path: string, what: string, forbidden: boolean): Sample => ({
    path: `src/verdict/${path}`,
    folder: "verdict",
    what: `${what} (in ${path})`,
    source: `export { x } from "${what}";\n`,
    forbidden,
  });
  const folders = LAYERS.filter((layer) => !layer.endsWith(".ts"));
  return [
    ...folders.flatMap((layer) =>
      LAYERS.map((what, index) => {
        const isUp = index > LAYERS.indexOf(layer);
        return sample(
          `${layer}/layer-${index}.ts`,
          what === layer ? "./thing.ts" : `../${inLayer(what)}`,
          isUp,
        );
      }),
    ),
    sample("tuning.ts", "./memory/thing.ts", true),
    sample("likelihood.ts", "./memory/thing.ts", true),
    sample("attention.ts", "./judge.ts", true),
    sample("judge.ts", "./attention.ts", false),
    sample("verdict-answer.ts", "../api/thing.ts", true),
  ];
};

const impureSamples = (): Sample[] =>
  FOLDERS.filter((folder) => folder !== "cli").flatMap((folder) =>
    IMPURE.map((what, index) => ({
      path: `src/${folder}/impure-${index}.ts`,
      folder,
      what,
      source: `export const sample = (f: () => void): unknown => [f, ${what}];\n`,
      forbidden: PURE_FOLDERS.includes(folder),
    })),
  );

const samples = [
  ...importSamples(),
  ...commandSamples(),
  ...lightSamples(),
  ...wingSamples(),
  ...layerSamples(),
  ...impureSamples(),
];
const directory = mkdtempSync(join(tmpdir(), "parallax-lint-"));
let reported: Map<string, string[]>;

beforeAll(() => {
  cpSync(join(ROOT, ".oxlintrc.json"), join(directory, ".oxlintrc.json"));
  for (const { path, source } of samples) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), source);
  }
  reported = lint(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Diagnostic {
  code: string;
  filename: string;
}

/** The restrictions oxlint reports, by file. */
const lint = (cwd: string): Map<string, string[]> => {
  const found = new Map<string, string[]>();
  for (const { code, filename } of run(cwd).diagnostics) {
    if (!code.includes("no-restricted")) continue;
    found.set(filename, [...(found.get(filename) ?? []), code]);
  }
  return found;
};

const run = (cwd: string): { diagnostics: Diagnostic[] } => {
  // Type-aware rules need a whole project and are not part of this test.
  const config = JSON.parse(readFileSync(join(cwd, ".oxlintrc.json"), "utf8")) as { options?: unknown };
  writeFileSync(join(cwd, ".oxlintrc.json"), JSON.stringify({ ...config, options: {} }));
  try {
    execFileSync(process.execPath, [join(ROOT, "node_modules/oxlint/bin/oxlint"), "--format", "json", "."], {
      cwd,
      maxBuffer: 64 * 1_048_576,
    });
    return { diagnostics: [] };
  } catch (error) {
    return JSON.parse(String((error as { stdout: Buffer }).stdout)) as { diagnostics: Diagnostic[] };
  }
};

describe("the import rule", () => {
  test.for(FOLDERS)("lets src/%s import what its row names and nothing else", (folder) => {
    const own = samples.filter((sample) => sample.folder === folder);
    const missed = own.filter(({ path, forbidden }) => forbidden && !reported.has(path));
    const overdone = own.filter(({ path, forbidden }) => !forbidden && reported.has(path));
    expect(missed.map(({ what }) => what)).toEqual([]);
    expect(overdone.map(({ what }) => what)).toEqual([]);
    expect(own.some(({ forbidden }) => forbidden)).toBe(true);
  });

  test("has a row for every folder of the table", () => {
    const { overrides } = JSON.parse(readFileSync(join(ROOT, ".oxlintrc.json"), "utf8")) as {
      overrides: { files: string[]; rules: Record<string, unknown> }[];
    };
    const rows = overrides
      .filter(({ rules }) => "no-restricted-imports" in rules)
      .flatMap(({ files }) => files);
    const within = [
      "src/dashboard/**/*.tsx",
      "src/dashboard/live/**/*.ts",
      "src/dashboard/live/**/*.tsx",
      "src/dashboard/replay/**/*.ts",
      "src/domain/plain/**/*.ts",
      "src/cli/*/**/*.ts",
      "src/cli/shared/**/*.ts",
      "src/cli/agent/lead/*.ts",
      "src/cli/{check,gate}/**/*.ts",
      "src/cli/shadow/{report,sources}/*.ts",
      "src/webhooks/{delivery,format}/*.ts",
      "scripts/**",
      ...Object.keys(WINGS).map((wing) => `src/api/${wing}/**/*.ts`),
      ...[...LAYERS, "likelihood.ts", "verdict-answer.ts"].map((layer) =>
        layer.endsWith(".ts") ? `src/verdict/${layer}` : `src/verdict/${layer}/**/*.ts`,
      ),
    ];
    const expected = [...FOLDERS.map((folder) => `src/${folder}/**/*.ts`), ...within];
    expect(rows.toSorted()).toEqual(expected.toSorted());
    expect(Object.keys(MAY_IMPORT).toSorted()).toEqual(FOLDERS.toSorted());
  });
});
