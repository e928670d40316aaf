import type { Scenario } from "./scenario.ts";
import { DETECTOR_KILLED } from "./scenarios/detector.ts";
import {
  GATEWAY_REFUSES,
  GATEWAY_REFUSES_UNSEEN,
  GATEWAY_UNREACHABLE,
  GATEWAY_UNREACHABLE_UNSEEN,
  HOST_BANNED,
  HOST_BANNED_UNSEEN,
  HOST_DEAD,
} from "./scenarios/hosts.ts";
import { ALL_BUT_ONE, BACK, FLIP_FLOP, HALF, ONE_PATH, TOWARDS } from "./scenarios/paths.ts";
import { KILLED, PORT_FILTERED, STOPPED } from "./scenarios/processes.ts";
import { SITE_CUT, SITE_CUT_HEARTBEATS } from "./scenarios/sites.ts";
import { LOSS, LOSS_BOTH_WAYS, NAMES_GONE, SLOW } from "./scenarios/trouble.ts";
import { VANTAGE_CUT, VANTAGE_GONE, VANTAGE_UNHEARD } from "./scenarios/vantages.ts";

/** All of them, in the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  KILLED,
  STOPPED,
  PORT_FILTERED,
  HOST_DEAD,
  HOST_BANNED,
  HOST_BANNED_UNSEEN,
  GATEWAY_REFUSES,
  GATEWAY_REFUSES_UNSEEN,
  GATEWAY_UNREACHABLE,
  GATEWAY_UNREACHABLE_UNSEEN,
  ONE_PATH,
  HALF,
  ALL_BUT_ONE,
  TOWARDS,
  BACK,
  FLIP_FLOP,
  SITE_CUT_HEARTBEATS,
  SITE_CUT,
  VANTAGE_CUT,
  VANTAGE_GONE,
  VANTAGE_UNHEARD,
  LOSS,
  LOSS_BOTH_WAYS,
  SLOW,
  DETECTOR_KILLED,
  NAMES_GONE,
];
