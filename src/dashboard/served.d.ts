/** Made by scripts/build-served.mjs out of src/dashboard/live. */
declare module "#served/page" {
  const text: string;
  export default text;
}

/** Made by the same, out of src/cli: what `npm run build:cli` makes. */
declare module "#served/cli" {
  const text: string;
  export default text;
}

/** Likewise, out of src/dashboard/replay. */
declare module "#served/replay" {
  const text: string;
  export default text;
}
