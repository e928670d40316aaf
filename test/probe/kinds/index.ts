import { readdirSync } from "node:fs";
import type { KindCases } from "./cases.ts";

const HERE = new URL(".", import.meta.url);
const OWN: readonly string[] = ["cases.ts", "index.ts"];

/** The cases of every kind: each file of this folder that is named for one. */
export const readKinds = async (): Promise<KindCases[]> => {
  const files = readdirSync(HERE).filter((file) => file.endsWith(".ts") && !OWN.includes(file));
  const modules = await Promise.all(
    files.map((file) => import(new URL(file, HERE).href) as Promise<{ kind: KindCases }>),
  );
  return modules.map(({ kind }) => kind);
};
