import { formatValue } from './format';

/** One line of a table; `exact` is shown on hover. */
export interface IKeyValue {
  key: string;
  value: unknown;
  /** Already drawn; `value` is then only for hover. */
  node?: React.ReactNode;
  exact?: string;
}

/** Names and values in two columns; numbers with at most four digits, in full on hover. */
export function KeyValue(props: {
  label: string;
  rows: readonly IKeyValue[];
  /** Whether the values are words of ours rather than data. */
  words?: boolean;
}): JSX.Element {
  const kind = props.words ? ' jp-mod-words' : '';
  return (
    <table className={`jp-Kubeflow-keyValue${kind}`} aria-label={props.label}>
      <tbody>
        {props.rows.map(row => (
          <tr key={row.key}>
            <th scope="row" title={row.key}>
              {row.key}
            </th>
            <td
              className={typeof row.value === 'number' ? 'jp-mod-number' : undefined}
              title={
                row.exact ?? (typeof row.value === 'string' ? row.value : JSON.stringify(row.value))
              }
            >
              {row.node ?? formatValue(row.value)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
