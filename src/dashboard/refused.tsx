/** The reason why there is no page. */
export interface RefusedReason {
  status: number;
  title: string;
  detail: string;
}

const NEXT: Record<number, string> = {
  401: "Reload this page and give a token of scope read as the password; leave the name empty. An administrator makes one with POST /v1/tokens, and READ_TOKEN of the deployment is one. Where the browser does not ask, it kept a token that opens nothing any more: close all of its windows, or use a private one.",
  403: "Ask an administrator for a token of scope read that opens this site, or look at all that yours opens.",
  404: "Look at all that is watched.",
  503: "Reload this page in some seconds. What polls the checks is answered as docs/operations.md says.",
};

export const RefusedPage = ({ status, title, detail }: RefusedReason) => (
  <main id="main">
    <h1>Parallax</h1>
    <h2>{title}</h2>
    <p>{detail}</p>
    <p>{NEXT[status] ?? "Look at all that is watched."}</p>
    <p>
      <a href="/">All sites</a>
    </p>
  </main>
);
