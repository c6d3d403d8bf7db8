/** A sentence in which `` `code` `` stands in the code font. */
export function CodeText({ text }: { text: string }): JSX.Element {
  return (
    <>
      {text
        .split(/`([^`]+)`/)
        .map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}
    </>
  );
}
