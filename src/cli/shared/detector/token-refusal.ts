const HOPELESS: Record<number, string> = {
  401: "the token is unknown or was revoked: get a new one, and start again",
  403: "the token is for something else: a vantage needs its own, an agent the notify token of its target",
};

/** Why no call with this token will ever succeed; undefined for any other status. */
export const tokenRefusal = (status: number): string | undefined => HOPELESS[status];
