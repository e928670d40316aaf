/**
 * A process cannot end while it looks a name up. So a name server that does not answer holds it up for as long as the system's resolver
 * waits, 10 s and more by default. These are glibc's own options (resolv.conf(5)): one question to each name server, a second each. A value
 * that is set in the environment stays.
 */
export const boundLookups = (environment: NodeJS.ProcessEnv): void => {
  environment["RES_OPTIONS"] ??= "timeout:1 attempts:1";
};
