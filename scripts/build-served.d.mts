import type { Metafile } from "esbuild";

export const buildPage: () => Promise<{ text: string; metafile: Metafile }>;
export const buildReplay: () => Promise<{ text: string; metafile: Metafile }>;
export const buildServed: () => Promise<void>;
