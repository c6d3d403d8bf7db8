/** A column's heading; the cells of numbers have the class `jp-mod-number`, as the heading has then. */
type Column = string | { label: string; number: true };

/** A small table that is scrolled where it has no room, also with the keyboard. */
export function ScrollTable(props: {
  /** Its name for screen readers. */
  label: string;
  columns: readonly Column[];
  className?: string;
  /** Whether it takes no more than some lines, however many rows there are. */
  short?: boolean;
  /** `tbody` and, where it has one, `tfoot`. */
  children: React.ReactNode;
}): JSX.Element {
  return (
    <div
      className={`jp-Kubeflow-scroll${props.short ? ' jp-mod-short' : ''}`}
      tabIndex={0}
      role="group"
      aria-label={props.label}
    >
      <table className={`jp-Kubeflow-table ${props.className ?? ''}`}>
        <thead>
          <tr>
            {props.columns.map((column, index) =>
              typeof column === 'string' ? (
                <th key={index} scope="col">
                  {column}
                </th>
              ) : (
                <th key={index} scope="col" className="jp-mod-number">
                  {column.label}
                </th>
              )
            )}
          </tr>
        </thead>
        {props.children}
      </table>
    </div>
  );
}
