/**
 * The far tail of the normal distribution, in logarithms: at φ = 16 the probability itself is 10⁻¹⁶ and `1 - F` is
 * nothing but rounding.
 */

const TERMS = 500;

/**
 * log10 of P(Z > z) for z > 0, by Laplace's continued fraction of Mills' ratio (Abramowitz and Stegun 26.2.14).
 * Below z = .4 it converges too slowly to be trusted.
 */
export const log10TailOf = (z: number): number => {
  let fraction = z;
  for (let term = TERMS; term >= 1; term -= 1) fraction = z + term / fraction;
  return (-(z * z) / 2 - Math.log(Math.sqrt(2 * Math.PI) * fraction)) / Math.LN10;
};

/** The z at which -log10 P(Z > z) reaches `phi`; for phi from .5 to 100. */
export const zOf = (phi: number): number => {
  if (!(phi >= 0.5 && phi <= 100)) throw new RangeError(`phi ${phi} is outside .5 to 100`);
  let low = 0.4;
  let high = 25;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (-log10TailOf(middle) < phi) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};
