import type { EvidenceAnswer } from "../src/domain/replay.ts";
import { differencesOf } from "../src/replay/compare.ts";
import { recordedOf } from "../src/replay/recorded.ts";
import { Replay } from "../src/replay/rejudge.ts";
import { type DetectorApi, type Key, pathOf } from "./detector-api.ts";

export interface Rejudged {
  /** How many transitions were published in the period that was judged again. */
  published: number;
  /** The transitions that came out differently, a sentence each. */
  differences: string[];
}

const pagesOf = async (api: DetectorApi, key: Key, since?: string): Promise<EvidenceAnswer[]> => {
  const pages: EvidenceAnswer[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({
      ...(since ? { since } : {}),
      ...(cursor === null ? {} : { cursor }),
    });
    const { status, text } = await api.ask(`${pathOf(key)}/evidence?${query.toString()}`);
    if (status !== 200) throw new Error(`evidence: ${status} ${text}`);
    const page = JSON.parse(text) as EvidenceAnswer;
    pages.push(page);
    cursor = page.next;
  } while (cursor !== null);
  return pages;
};

/**
 * All that a detector reports about the targets that it judges together with this one, judged again and compared with what it published.
 */
export const rejudged = async (api: DetectorApi, key: Key, since?: string): Promise<Rejudged> => {
  const recorded = recordedOf(await pagesOf(api, key, since));
  if (typeof recorded === "string") throw new Error(recorded);
  const { changes } = Replay.of(recorded);
  return {
    published: recorded.published.length,
    differences: differencesOf(recorded.published, changes).map(
      ({ published, replayed }) =>
        `published ${JSON.stringify(published)}, judged again ${JSON.stringify(replayed)}`,
    ),
  };
};
