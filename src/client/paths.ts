/** A target by its two names. */
export interface Place {
  site: string;
  target: string;
}

/** A part of a path, whatever it holds: a text that is no name is the detector's to refuse, and never another path. */
export const part = (name: string): string => encodeURIComponent(name).replaceAll(".", "%252E");

export const sitePath = (site: string): string => `/v1/sites/${part(site)}`;

export const pathOf = ({ site, target }: Place): string => `${sitePath(site)}/targets/${part(target)}`;

/** With its question mark; what is undefined is left out. */
export const queryOf = (values: Record<string, string | number | undefined>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) query.append(name, String(value));
  return query.size === 0 ? "" : `?${query.toString()}`;
};
