/** The parts of `node:zlib` in use (compatibility flag `nodejs_compat`); @types/node would bring Node's globals along. */
declare module "node:zlib" {
  export interface Unfolding {
    write(bytes: Uint8Array, taken: () => void): boolean;
    end(): void;
    destroy(): void;
    on(event: "data", listener: (data: Uint8Array) => void): this;
    on(event: "end" | "error", listener: () => void): this;
  }
  export const createGunzip: () => Unfolding;
  export const createInflate: () => Unfolding;
  export const createInflateRaw: () => Unfolding;
  export const createBrotliDecompress: () => Unfolding;
}
