import { build, stop } from "esbuild";
import { buildServed } from "./build-served.mjs";

/** Bundles a Worker's main module for a plain workerd, with what it serves. */
export const bundleWorker = async (entry: string, outfile: string): Promise<string> => {
  await buildServed();
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    logLevel: "error",
  });
  // Its service would keep this process alive.
  await stop();
  return outfile;
};
