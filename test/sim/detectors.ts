import type { Detector } from "./detector.ts";
import { createParallax } from "./parallax/detector.ts";

/** Everything that can be scored, by name; Parallax first. */
export const DETECTORS: readonly Detector[] = [createParallax()];
