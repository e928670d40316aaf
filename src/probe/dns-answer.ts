import { type ExpectOf, RCODES } from "../domain/kinds.ts";
import { type Question, RECORD_TYPES } from "../domain/question.ts";
import type { DnsMessage } from "./dns-message.ts";
import type { Ending } from "./progress.ts";

export type DnsExpect = ExpectOf<"dns">;

/** The ending for a server that answers, but not as expected. */
export const wrong = (detail: string): Ending => ({ outcome: "app_error", stage: "body", detail });

/** The most records that `detail` names. */
const SHOWN = 3;
const shown = (texts: readonly string[]): string =>
  texts.length > SHOWN
    ? `${texts.slice(0, SHOWN).join(", ")} and ${texts.length - SHOWN} more`
    : texts.join(", ");

/** Normalizes a record: names and addresses have no case and may end in a dot, and IPv6 addresses have many forms. TXT stays as it is. */
const plain = (text: string, type: Question["type"]): string => {
  if (type === "TXT") return text;
  const bare = text.toLowerCase().replace(/\.$/, "");
  const url = type === "AAAA" ? `http://[${bare}]` : "";
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : bare;
};

/** The ending that an answer to this question means. */
export const judgeMessage = (
  { rcode, records }: DnsMessage,
  { type }: Question,
  expect: DnsExpect = {},
): Ending => {
  const { rcode: wanted = "NOERROR", answers = [], minTtl = 0 } = expect;
  const code = RCODES[rcode] ?? `number ${rcode}`;
  if (code !== wanted) return wrong(`rcode ${code}, expected ${wanted}`);
  if (wanted !== "NOERROR") return { outcome: "ok", stage: "done", detail: `rcode ${code}` };
  const found = records.filter((record) => record.type === RECORD_TYPES[type]);
  if (found.length === 0) return wrong(`no record of type ${type} among ${records.length}`);
  const texts = found.map(({ text }) => text);
  const missing = answers.find((answer) => !texts.includes(plain(answer, type)));
  if (missing !== undefined) return wrong(`the answer lacks "${missing}"; it has ${shown(texts)}`);
  const ttl = Math.min(...found.map((record) => record.ttl));
  return ttl < minTtl
    ? wrong(`a record has ${ttl} s to live, expect.minTtl has ${minTtl}`)
    : { outcome: "ok", stage: "done", detail: `${shown(texts)}; ${ttl} s to live` };
};

/** Whether the message answers exactly this question. A sender that can guess neither number nor question cannot forge an answer. */
export const isAnswerTo = (message: DnsMessage, id: number, { name, type }: Question): boolean =>
  message.isAnswer &&
  message.id === id &&
  message.question?.name === name &&
  message.question.type === RECORD_TYPES[type];
