import type { Consumer } from "./consumer.ts";
import { curlGate } from "./programs/curl.ts";
import { curlWait } from "./programs/curl-wait.ts";
import { keepalived, keepalivedUp } from "./programs/keepalived.ts";
import { nagios, nagiosAvoid, nagiosConsul, nagiosUp } from "./programs/nagios.ts";
import { patroni, patroniAlone } from "./programs/patroni.ts";

/** Every program in every configuration, in the order of the page. */
export const CONSUMERS: readonly Consumer[] = [
  curlGate,
  curlWait,
  nagios,
  nagiosAvoid,
  nagiosUp,
  nagiosConsul,
  keepalived,
  keepalivedUp,
  patroni,
  patroniAlone,
];
