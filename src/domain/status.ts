/** What the number of an HTTP status shows about its answer. */

/** An interim answer (100, 103), which precedes the one that counts; 101 is itself the last answer (RFC 9110, 15.2). */
export const isInterim = (status: number): boolean => status < 200 && status !== 101;

/** An answer of this status ends with its head (RFC 9112, 6.3). */
export const isBodiless = (status: number): boolean => [101, 204, 304].includes(status);
