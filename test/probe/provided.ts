declare module "vitest" {
  interface ProvidedContext {
    /** Ports of real listeners by behaviour. */
    ports: Record<string, number>;
  }
}

export {};
