/** Made by scripts/build-served.mjs out of src/dashboard/live. */
declare module "#served/page" {
  const text: string;
  export default text;
}
