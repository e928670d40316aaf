/** A target by its two names. */
export interface Place {
  site: string;
  target: string;
}

/** Names are written as they are given: what is none is the detector's to refuse, never another path. */
export const sitePath = (site: string): string => `/v1/sites/${encodeURIComponent(site)}`;

export const pathOf = ({ site, target }: Place): string =>
  `${sitePath(site)}/targets/${encodeURIComponent(target)}`;

/** With its question mark; what is undefined is left out. */
export const queryOf = (values: Record<string, string | number | undefined>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) query.append(name, String(value));
  return query.size === 0 ? "" : `?${query.toString()}`;
};
