import type { PageView } from "../shown-state.ts";

/** The view that an address names. */
export const viewIn = (search: string): PageView => {
  const query = new URLSearchParams(search);
  const site = query.get("site");
  return {
    site,
    target: site === null ? null : query.get("target"),
    filter: query.get("filter") ?? "",
    at: query.get("at"),
  };
};
