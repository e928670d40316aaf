import type { PageView } from "./shown-state.ts";

/** The address that shows this view and nothing else. It never contains a token. */
export const linkTo = ({ site, target, filter, at }: Partial<PageView>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ site, target, filter, at }))
    if (value) query.append(name, value);
  return query.size === 0 ? "/" : `/?${query.toString()}`;
};
