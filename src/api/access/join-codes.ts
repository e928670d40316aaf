/** Join codes: 100 random bits, a tag by which every isolate sees that the code was made here, and a check that needs no call. */
import { BODY_CHARACTERS, charactersOf, writtenCode } from "../../domain/join-code.ts";
import { isSameTag, macOf } from "./grants.ts";

/** 30 bits: of so many guesses only one passes and costs a call. */
const TAG_CHARACTERS = 6;
const RANDOM_CHARACTERS = BODY_CHARACTERS - TAG_CHARACTERS;

/** The tag of a code: from the same key as a token's tag, but over a text of another kind. */
const tagOf = async (key: string, random: string): Promise<string> =>
  charactersOf(await macOf(key, `join ${random}`)).slice(0, TAG_CHARACTERS);

export const newCode = async (key: string): Promise<string> => {
  const random = charactersOf(crypto.getRandomValues(new Uint8Array(RANDOM_CHARACTERS)));
  return writtenCode(random + (await tagOf(key, random)));
};

/** Whether the code may have been made here; `code`: as `readCode` returns it. */
export const isOurs = async (key: string, code: string): Promise<boolean> =>
  isSameTag(
    code.slice(RANDOM_CHARACTERS, BODY_CHARACTERS),
    await tagOf(key, code.slice(0, RANDOM_CHARACTERS)),
  );
