import type { BuildOptions, Metafile } from "esbuild";

type LogLevel = NonNullable<BuildOptions["logLevel"]>;

export const programText: (
  logLevel?: LogLevel,
  known?: { text: string; sum: string },
) => Promise<{ text: string; sum: string; metafile: Metafile }>;
export const buildProgram: (outfile: string, logLevel?: LogLevel) => Promise<Metafile>;
