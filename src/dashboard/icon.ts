/** A target seen from two sides. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="8" r="5" fill="#c2410c"/><path d="M4 29 16 8l12 21" fill="none" stroke="#2563eb" stroke-width="3"/></svg>`;
