/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  title: string;
  close: () => void;
  children: ComponentChildren;
}

/** A dialog over the page. The browser keeps the focus in it, ends it by Escape, and gives the focus back. */
export const Box = ({ title, close, children }: Props) => {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  return (
    <dialog ref={box} aria-labelledby="box-title" onClose={close}>
      <h2 id="box-title">{title}</h2>
      {children}
      <p>
        <button type="button" onClick={() => box.current?.close()}>
          Close
        </button>
      </p>
    </dialog>
  );
};
