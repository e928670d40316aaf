export const OLDEST: string;
export const refusalOf: (version: string, path: string) => string | undefined;
