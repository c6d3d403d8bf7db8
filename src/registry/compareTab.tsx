import { useEffect, useMemo, useState } from 'react';

import type { IArtifact, IModelVersion } from '../client/registry';
import { csvText } from '../ui/csv';
import { formatValue, localeOf } from '../ui/format';
import { saveAs } from '../ui/saveAs';
import { ScrollTable } from '../ui/scrollTable';
import { errorMessage, Skeleton, TextButton, ViewState } from '../ui/viewState';
import { CommandIDs, type RegistryContext } from './context';
import { artifactsOf } from './data';
import { compareVersions, type IComparedRow } from './model/compare';

/** At most so many versions side by side. */
const MOST = 12;

/** The chosen versions side by side: fields, metrics and properties; those in which they differ stand out. */
export function CompareTab(props: {
  context: RegistryContext;
  versions: readonly IModelVersion[];
  /** Goes to where they are chosen. */
  onChoose: () => void;
}): JSX.Element {
  const { context, onChoose } = props;
  const { trans, commands } = context;
  const versions = props.versions.slice(0, MOST);
  const [onlyDifferent, setOnlyDifferent] = useState(false);
  const { artifacts, error } = useArtifacts(context, versions);
  const rows = useMemo(
    () =>
      artifacts &&
      compareVersions(
        versions.map(version => ({ version, artifacts: artifacts.get(version.id) ?? [] })),
        {
          description: trans.__('Description'),
          author: trans.__('Author'),
          state: trans.__('State'),
          created: trans.__('Created'),
          labels: trans.__('Labels'),
          format: trans.__('Format'),
          uri: trans.__('Storage URI')
        }
      ),
    [artifacts, props.versions]
  );
  if (versions.length < 2) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={trans.__('Choose two or more versions to see where they differ.')}
        action={{ label: trans.__('Choose versions'), run: onChoose }}
      />
    );
  }
  if (error != null) {
    return <ViewState kind="error" trans={trans} error={error} message={errorMessage(error)} />;
  }
  if (!rows) {
    return <Skeleton trans={trans} />;
  }
  const shown = onlyDifferent ? rows.filter(({ differs }) => differs) : rows;
  const text = ({ id }: IComparedRow, value: string | number | undefined) =>
    value === undefined
      ? '–'
      : id === 'field:created'
        ? new Date(Number(value)).toLocaleString(localeOf(trans))
        : id === 'field:state'
          ? value === 'ARCHIVED'
            ? trans.__('archived')
            : trans.__('active')
          : formatValue(value);
  return (
    <div className="jp-Kubeflow-overview">
      <div className="jp-Kubeflow-compare-bar">
        <label>
          <input
            type="checkbox"
            checked={onlyDifferent}
            onChange={event => setOnlyDifferent(event.currentTarget.checked)}
          />
          {trans.__('Only what differs')}
        </label>
        {props.versions.length > MOST && (
          <span>
            {trans.__('The first %1 of %2 chosen versions.', MOST, props.versions.length)}
          </span>
        )}
        <TextButton
          onClick={() =>
            saveAs(
              new Blob(
                [
                  csvText([
                    ['', ...versions.map(({ name }) => name)],
                    ...rows.map(({ label, values }) => [label, ...values])
                  ])
                ],
                { type: 'text/csv' }
              ),
              'versions.csv'
            )
          }
        >
          {trans.__('Save as CSV')}
        </TextButton>
      </div>
      <ScrollTable
        label={trans.__('Comparison of versions')}
        className="jp-Kubeflow-compare"
        columns={['', ...versions.map(({ name }) => name)]}
      >
        <tbody>
          {shown.map(row => (
            <tr key={row.id} className={row.differs ? 'jp-mod-differs' : undefined}>
              <th scope="row">
                {row.label}
                {row.differs && <span className="jp-Kubeflow-spoken">{trans.__(', differs')}</span>}
              </th>
              {row.values.map((value, index) => (
                <td
                  key={versions[index]!.id}
                  className={typeof value === 'number' ? 'jp-mod-number' : undefined}
                  title={value === undefined ? undefined : String(value)}
                >
                  {text(row, value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{trans.__('Version')}</th>
            {versions.map(({ id, name }) => (
              <td key={id}>
                <button
                  type="button"
                  className="jp-Kubeflow-link"
                  onClick={() =>
                    void commands.execute(CommandIDs.openVersion, { versionId: id, name })
                  }
                >
                  {trans.__('Open %1', name)}
                </button>
              </td>
            ))}
          </tr>
        </tfoot>
      </ScrollTable>
    </div>
  );
}

/** The artifacts of versions, by their ids. */
function useArtifacts(
  context: RegistryContext,
  versions: readonly IModelVersion[]
): { artifacts?: ReadonlyMap<string, readonly IArtifact[]>; error?: unknown } {
  const [read, setRead] = useState<{
    artifacts?: ReadonlyMap<string, readonly IArtifact[]>;
    error?: unknown;
  }>({});
  const key = versions.map(({ id }) => id).join();
  useEffect(() => {
    const abort = new AbortController();
    Promise.all(
      versions.map(async ({ id }) => [id, await artifactsOf(context, id, abort.signal)] as const)
    ).then(
      found => setRead({ artifacts: new Map(found) }),
      (error: unknown) => !abort.signal.aborted && setRead({ error })
    );
    return () => abort.abort();
  }, [context, key]);
  return read;
}
