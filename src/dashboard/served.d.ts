/** Built by scripts/build-served.mjs from src/dashboard/live. */
declare module "#served/page" {
  const text: string;
  export default text;
}

/** Built by the same script from src/cli: the output of `npm run build:cli`. */
declare module "#served/cli" {
  const text: string;
  export default text;
}

/** Built by the same script from src/dashboard/replay. */
declare module "#served/replay" {
  const text: string;
  export default text;
}
