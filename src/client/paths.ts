/** A target by its two names. */
export interface Place {
  site: string;
  target: string;
}

/** A text as one part of a path. A text that is not a name never becomes another path; the detector refuses it. */
export const part = (name: string): string => encodeURIComponent(name).replaceAll(".", "%252E");

export const sitePath = (site: string): string => `/v1/sites/${part(site)}`;

export const pathOf = ({ site, target }: Place): string => `${sitePath(site)}/targets/${part(target)}`;

/** The query with its question mark, without the values that are undefined. */
export const queryOf = (values: Record<string, string | number | undefined>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) query.append(name, String(value));
  return query.size === 0 ? "" : `?${query.toString()}`;
};
