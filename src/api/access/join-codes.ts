/** Join codes: 100 random bits, a tag by which every isolate sees that it was made here, and a check that needs nobody to be asked. */
import { BODY_CHARACTERS, charactersOf, writtenCode } from "../../domain/join-code.ts";
import { isSameTag, macOf } from "./grants.ts";

/** 30 bits: of so many guesses one is asked about. */
const TAG_CHARACTERS = 6;
const RANDOM_CHARACTERS = BODY_CHARACTERS - TAG_CHARACTERS;

/** The tag of a code: of another kind than a token's tag, by the same key. */
const tagOf = async (key: string, random: string): Promise<string> =>
  charactersOf(await macOf(key, `join ${random}`)).slice(0, TAG_CHARACTERS);

export const newCode = async (key: string): Promise<string> => {
  const random = charactersOf(crypto.getRandomValues(new Uint8Array(RANDOM_CHARACTERS)));
  return writtenCode(random + (await tagOf(key, random)));
};

/** Whether it may have been made here; `code`: as `readCode` gives it. */
export const isOurs = async (key: string, code: string): Promise<boolean> =>
  isSameTag(
    code.slice(RANDOM_CHARACTERS, BODY_CHARACTERS),
    await tagOf(key, code.slice(0, RANDOM_CHARACTERS)),
  );
