import type { FunctionComponent } from "preact";

/** A part of the page as Preact takes it: it is written for both makers of elements, and typed by the one of the server. */
export const drawn = <P>(part: (props: P) => unknown): FunctionComponent<P> => part as FunctionComponent<P>;
