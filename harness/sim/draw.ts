/**
 * Chance, by name. A stream is made from numbers that name a thing and an instant, so what one thing
 * draws does not depend on who drew before it.
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/** The finaliser of MurmurHash3 (Appleby, public domain): every bit of the input moves every bit of the output. */
const mix = (value: number): number => {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
};

/** 32 bits that name the sequence of numbers; of each number, 64 bits of its integer part count. */
export const nameOf = (...parts: number[]): number => {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = mix(hash ^ (part | 0)) + 0x6d2b79f5;
    hash = mix(hash ^ Math.floor(part / 0x1_0000_0000));
  }
  return hash | 0;
};

/** 32 bits that name a text. */
export const textName = (text: string): number => {
  let hash = text.length;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix(hash);
};

/** The first outputs of a fresh xoroshiro128+ still show its seed. */
const WARM_UP = 4;

/** A stream of draws. */
export class Draw {
  readonly #generator: RandomGenerator;

  constructor(name: number) {
    this.#generator = xoroshiro128plus(name);
    for (let turn = 0; turn < WARM_UP; turn++) this.#generator.next();
  }

  /** 0 ≤ x < 1. */
  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  isHit(probability: number): boolean {
    return this.uniform() < probability;
  }

  exponential(mean: number): number {
    return -mean * Math.log1p(-this.uniform());
  }

  /** Standard normal, by Box and Muller's transform. */
  normal(): number {
    return Math.sqrt(-2 * Math.log1p(-this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  lognormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  /** At least `least`; the mean is infinite where `alpha` is 1 or less. */
  pareto(least: number, alpha: number): number {
    return least * (1 - this.uniform()) ** (-1 / alpha);
  }

  pick<T>(things: readonly T[]): T {
    const thing = things[Math.floor(this.uniform() * things.length)];
    if (thing === undefined) throw new Error("nothing to pick from");
    return thing;
  }

  /** `count` different things, in random order. */
  sample<T>(things: readonly T[], count: number): T[] {
    const left = [...things];
    for (let index = left.length - 1; index > 0; index--) {
      const other = Math.floor(this.uniform() * (index + 1));
      [left[index], left[other]] = [left[other] as T, left[index] as T];
    }
    return left.slice(0, count);
  }
}
