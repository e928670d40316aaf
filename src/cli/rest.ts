/** The commands that go on running, or that a person waits for: how long their start takes matters less than for the others. */
export { agent } from "./agent/agent.ts";
export { agentGuard } from "./agent/lead/guard-program.ts";
export { apply } from "./apply/apply.ts";
export { exportGdnsd } from "./export-gdnsd/export-gdnsd.ts";
export { exportKeepalived } from "./export-keepalived/export-keepalived.ts";
export { group } from "./group/group.ts";
export { haproxyAgent } from "./haproxy-agent/haproxy-agent.ts";
export { importing } from "./import/import.ts";
export { join } from "./join/join.ts";
export { replay } from "./replay/replay.ts";
export { shadow } from "./shadow/shadow.ts";
export { vantage } from "./vantage/vantage.ts";
export { watch } from "./watch/watch.ts";
