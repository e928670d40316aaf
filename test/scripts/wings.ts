/** A file that imports something, and whether lint must refuse it. */
export interface Sample {
  path: string;
  folder: string;
  what: string;
  source: string;
  forbidden: boolean;
}

/** The wings of the API, and what each may import of the others besides what all of the API may import. */
export const WINGS: Record<string, string[]> = {
  errors: [],
  aggregators: ["errors"],
  access: ["errors", "aggregators"],
  http: ["errors", "aggregators", "access"],
  openapi: ["errors", "aggregators", "access", "http"],
  routes: ["errors", "aggregators", "access", "http", "openapi"],
  checks: ["errors", "aggregators", "access", "http", "openapi"],
  exports: ["errors", "aggregators", "access", "http", "openapi", "routes"],
};

export const wingSamples = (): Sample[] =>
  Object.entries(WINGS).flatMap(([wing, may]) =>
    [...Object.keys(WINGS), "context.ts", "app.ts", "../domain", "../aggregator"].map((what, index) => ({
      path: `src/api/${wing}/wing-${index}.ts`,
      folder: "api",
      what: `${what} (in ${wing})`,
      source: `export { x } from "${what === wing ? "./thing.ts" : what.endsWith(".ts") ? `../${what}` : `../${what}/thing.ts`}";\n`,
      forbidden: what !== wing && !may.includes(what) && what !== "context.ts" && what !== "../domain",
    })),
  );
