/**
 * A name server that does not answer holds the program up for as long as the system's resolver is patient, 10 s and more
 * by default, since a process cannot end while it looks a name up. These are glibc's own options (resolv.conf(5)): one
 * question to each name server, a second each. What the environment says already stands.
 */
export const boundLookups = (environment: NodeJS.ProcessEnv): void => {
  environment["RES_OPTIONS"] ??= "timeout:1 attempts:1";
};
