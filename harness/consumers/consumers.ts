import type { Consumer } from "./consumer.ts";
import { curlGate } from "./programs/curl.ts";
import { curlWait } from "./programs/curl-wait.ts";
import { eventSource } from "./programs/event-source.ts";
import { gdnsdExtfile, gdnsdExtmon, gdnsdLeader, gdnsdPool } from "./programs/gdnsd.ts";
import { haproxyAgent, haproxyAvoid, haproxyExternal, haproxyPlain, haproxyUp } from "./programs/haproxy.ts";
import { haproxyLeader, haproxyPool, haproxyServing } from "./programs/haproxy-groups.ts";
import { keepalived, keepalivedLeader, keepalivedScript, keepalivedUp } from "./programs/keepalived.ts";
import { nagios, nagiosAvoid, nagiosConsul, nagiosUp } from "./programs/nagios.ts";
import { patroni, patroniAlone } from "./programs/patroni.ts";
import { postgresql } from "./programs/postgresql.ts";
import { powerDnsAvoid, powerDnsFailover, powerDnsUp } from "./programs/powerdns.ts";
import { powerDnsLeader, powerDnsPool, powerDnsServing } from "./programs/powerdns-groups.ts";
import { prometheus } from "./programs/prometheus.ts";
import { webhook } from "./programs/webhook.ts";

/** Every program in every configuration, in the order of the page. */
export const CONSUMERS: readonly Consumer[] = [
  haproxyAgent,
  haproxyAvoid,
  haproxyExternal,
  haproxyUp,
  haproxyPlain,
  haproxyPool,
  haproxyLeader,
  haproxyServing,
  powerDnsAvoid,
  powerDnsFailover,
  powerDnsUp,
  powerDnsPool,
  powerDnsLeader,
  powerDnsServing,
  gdnsdExtfile,
  gdnsdExtmon,
  gdnsdPool,
  gdnsdLeader,
  keepalived,
  keepalivedLeader,
  keepalivedScript,
  keepalivedUp,
  patroni,
  patroniAlone,
  postgresql,
  prometheus,
  nagios,
  nagiosAvoid,
  nagiosUp,
  nagiosConsul,
  curlGate,
  curlWait,
  eventSource,
  webhook,
];
