import type { Consumer } from "./consumer.ts";
import { curlGate } from "./programs/curl.ts";
import { patroni, patroniAlone } from "./programs/patroni.ts";

/** Every program in every configuration, in the order of the page. */
export const CONSUMERS: readonly Consumer[] = [curlGate, patroni, patroniAlone];
