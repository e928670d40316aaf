/** The words of HAProxy's configuration manual. They distinguish a misspelt word from one that does not matter here. */

const wordsOf = (...lines: string[]): ReadonlySet<string> => new Set(lines.join(" ").split(" "));

/** Words of a `server` line that take no argument. */
export const ALONE = wordsOf(
  "check agent-check ssl check-ssl backup disabled enabled send-proxy send-proxy-v2 check-send-proxy",
  "send-proxy-v2-ssl send-proxy-v2-ssl-cn no-check no-agent-check no-ssl no-check-ssl no-backup",
  "no-send-proxy no-send-proxy-v2 no-send-proxy-v2-ssl no-send-proxy-v2-ssl-cn no-check-send-proxy",
  "check-via-socks4 allow-0rtt no-verifyhost stick non-stick track-sc0 ssl-reuse no-ssl-reuse",
  "force-sslv3 force-tlsv10 force-tlsv11 force-tlsv12 force-tlsv13 no-sslv3 no-tlsv10 no-tlsv11 no-tlsv12",
  "no-tlsv13 tls-tickets no-tls-tickets tfo no-tfo renegotiate no-renegotiate strict-maxconn",
  "no-strict-maxconn check-reuse-pool no-check-reuse-pool",
);

/** Words of a `server` line with one argument. */
export const WITH_VALUE = wordsOf(
  "addr agent-addr agent-inter agent-port agent-send alpn ca-file cc check-alpn check-pool-conn-name",
  "check-proto check-sni check-sni-auto ciphers ciphersuites client-sigalgs cookie crl-file crt curves downinter",
  "ech error-limit fall fastinter guid hash-key id idle-ping init-addr init-state inter interface log-bufsize",
  "log-proto max-reuse maxconn maxqueue minconn namespace observe on-error on-marked-down on-marked-up",
  "pool-conn-name pool-low-conn pool-max-conn pool-purge-delay port proto proxy-v2-options redir",
  "resolve-net resolve-opts resolve-prefer resolvers rise set-proxy-v2-tlv-fmt shard sigalgs slowstart sni",
  "socks4 source ssl-max-ver ssl-min-ver tcp-md5sig tcp-ut track usesrc verify verifyhost weight ws",
);

const LINES = wordsOf(
  "acl appsession backlog balance bind bind-process block capture clitcpka-cnt clitcpka-idle clitcpka-intvl",
  "clitimeout compression contimeout cookie crt declare default-server default_backend description disabled",
  "dispatch email-alert enabled error-log-format errorfile errorfiles errorloc errorloc302 errorloc303",
  "external-check filter force-be-switch force-persist fullconn grace guid hash-balance-factor",
  "hash-preserve-affinity hash-type http-after-response http-check http-error http-request http-response",
  "http-reuse http-send-name-header id ignore-persist load-server-state-from-file log log-format",
  "log-format-sd log-steps log-tag max-keep-alive-queue max-session-srv-conns maxconn mode monitor monitor-net",
  "monitor-uri no option persist quic-initial rate-limit redirect redisp redispatch retries retry-on server",
  "server-state-file-name server-template source srvtcpka-cnt srvtcpka-idle srvtcpka-intvl srvtimeout stats",
  "stick stick-table tcp-check tcp-request tcp-response timeout transparent unique-id-format",
  "unique-id-header use-fcgi-app use-server use_backend",
);

/** Whether a line of a proxy may begin with this word. Old releases had many that begin with `req` and `rsp`. */
export const isLine = (word: string): boolean => LINES.has(word) || /^(req|rsp)[a-z]+$/.test(word);
