import type { FunctionComponent } from "preact";

/** A part of the page for Preact. Parts work with both makers of elements, but have the types of the server's maker. */
export const drawn = <P>(part: (props: P) => unknown): FunctionComponent<P> => part as FunctionComponent<P>;
