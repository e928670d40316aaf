import type { Answer } from "./answer.ts";
import { CONTENTS } from "./contents.ts";
import { CUTS } from "./cuts.ts";
import { FRAMINGS } from "./framings.ts";
import { HEADS } from "./heads.ts";

/** Answers as bytes: what RFC 9112 allows and forbids, what servers really send, and ten answers cut at every byte. */
export const CORPUS: readonly Answer[] = [...HEADS, ...FRAMINGS, ...CONTENTS, ...CUTS];
