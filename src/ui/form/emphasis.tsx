/** Text in which `*words*` stand out. */
export function Emphasis({ text }: { text: string }): JSX.Element {
  return (
    <>
      {text
        .split(/\*([^*]+)\*/)
        .map((part, index) => (index % 2 === 1 ? <em key={index}>{part}</em> : part))}
    </>
  );
}
