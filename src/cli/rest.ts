/** The commands that run on, or that a person waits for. How long they take to start matters less than for `check` and `gate`. */
export { agent } from "./agent/agent-command.ts";
export { agentGuard } from "./agent/lead/guard-program.ts";
export { apply } from "./apply/apply-command.ts";
export { exportGdnsd } from "./export-gdnsd/export-gdnsd-command.ts";
export { exportKeepalived } from "./export-keepalived/export-keepalived-command.ts";
export { group } from "./group/group-command.ts";
export { haproxyAgent } from "./haproxy-agent/haproxy-agent-command.ts";
export { importing } from "./import/import-command.ts";
export { join } from "./join/join-command.ts";
export { replay } from "./replay/replay-command.ts";
export { shadow } from "./shadow/shadow-command.ts";
export { vantage } from "./vantage/vantage-command.ts";
export { watchCommand } from "./watch/watch-command.ts";
