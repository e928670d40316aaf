/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";

interface Props {
  title: string;
  close: () => void;
  children: ComponentChildren;
}

/** Called as the dialog comes and goes, and never in between, since it is the same function at each render. */
const open = (dialog: HTMLDialogElement | null): void => {
  if (dialog?.open === false) dialog.showModal();
};

/** A dialog over the page. The browser keeps the focus in it, closes it by Escape, and gives the focus back. */
export const Box = ({ title, close, children }: Props) => (
  <dialog ref={open} aria-labelledby="box-title" onClose={close}>
    <h2 id="box-title">{title}</h2>
    {children}
    <p>
      <button type="button" onClick={({ currentTarget }) => currentTarget.closest("dialog")?.close()}>
        Close
      </button>
    </p>
  </dialog>
);
