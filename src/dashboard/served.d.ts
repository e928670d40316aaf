/** Made by scripts/build-served.mjs out of src/dashboard/live. */
declare module "#served/page" {
  const text: string;
  export default text;
}

/** Likewise, out of src/dashboard/replay. */
declare module "#served/replay" {
  const text: string;
  export default text;
}
