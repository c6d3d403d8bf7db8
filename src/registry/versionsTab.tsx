import { useDeferredValue, useMemo, useRef, useState } from 'react';

import type { IModelVersion, IRegisteredModel } from '../client/registry';
import { valueOf } from '../client/registryProperties';
import { DataTable, type IColumn } from '../ui/dataTable';
import { FilterBar } from '../ui/filterBar';
import { Footer } from '../ui/footer';
import { formatNumber, formatRelative, localeOf } from '../ui/format';
import { useLive } from '../ui/live';
import { LiveView } from '../ui/liveView';
import { REGISTER } from '../ui/registering';
import { type ISort, sortRows } from '../ui/sortRows';
import { Name, useNow } from '../ui/text';
import type { IRows } from '../ui/useRows';
import { TextButton, ViewState } from '../ui/viewState';
import { CommandIDs, type RegistryContext } from './context';
import type { IDeployment } from './data';
import { labelsOf, propertiesOf } from './model/properties';
import type { SyncedList } from './model/syncedList';
import { isoOf } from './model/times';
import { useRegistryProblem } from './place';
import { holds, isArchived, stateOptions } from './search';

/** At most so many properties have a column of their own, those that most versions have first. */
const COLUMNS = 6;
/** So many of the versions that were changed last tell which properties have columns. */
const SAMPLE = 500;

const keyOf = ({ id }: IModelVersion) => id;

/** All versions of a model as a table: sorted by any column, filtered; some of them chosen to compare. */
export function VersionsTab(props: {
  context: RegistryContext;
  model: IRegisteredModel;
  versions: SyncedList<IModelVersion>;
  deployments: readonly IDeployment[];
  chosen: ReadonlySet<string>;
  onChoose: (ids: ReadonlySet<string>) => void;
  onCompare: () => void;
}): JSX.Element {
  const { context, versions, chosen, onChoose, model } = props;
  const { trans, commands } = context;
  const state = useLive(versions.live);
  const [text, setText] = useState('');
  const [choice, setChoice] = useState('active');
  const [sort, setSort] = useState<ISort>({ by: 'created', descending: true });
  const input = useRef<HTMLInputElement>(null);
  const table = useRef<IRows>(null);
  const problem = useRegistryProblem(context, trans.__('the versions of %1', model.name));
  const wanted = useDeferredValue(text);
  const now = useNow(60_000);
  const all = state.data;
  const columns = useMemo(
    () => columnsOf(context, all ?? [], props.deployments, now),
    [context, all, props.deployments, now]
  );
  const options = stateOptions(trans, {
    message: trans.__('All versions are in the archive.'),
    label: trans.__('Show archived versions')
  });
  const option = options.find(({ value }) => value === choice);
  const shown = useMemo(() => {
    const by = columns.find(({ id }) => id === sort.by)?.sortBy ?? createdOf;
    const found = all?.filter(version => option?.test(version) && holds(version, wanted)) ?? [];
    return sortRows(found, by, sort.descending);
  }, [all, columns, sort, wanted, choice]);
  const count = all?.length ?? 0;
  return (
    <div className="jp-Kubeflow-section">
      <div className="jp-Kubeflow-trials-bar">
        <FilterBar
          trans={trans}
          label={trans.__('Filter versions by name, label or property=value')}
          text={text}
          onText={setText}
          onLeave={() => table.current?.focus()}
          input={input}
          choice={{ label: trans.__('State'), value: choice, options, onChange: setChoice }}
        />
        <TextButton
          reason={
            chosen.size < 2
              ? trans.__('Choose two or more versions, with Ctrl or Shift and a click.')
              : undefined
          }
          onClick={props.onCompare}
        >
          {chosen.size < 2 ? trans.__('Compare') : trans.__('Compare %1', chosen.size)}
        </TextButton>
      </div>
      <LiveView state={state} trans={trans} retry={() => void versions.refresh()} {...problem}>
        {() =>
          shown.length > 0 ? (
            <DataTable
              label={trans.__('Versions')}
              columns={columns}
              rows={shown}
              rowKey={keyOf}
              rowLabel={version =>
                isArchived(version) ? trans.__('%1, archived', version.name) : version.name
              }
              sort={sort}
              onSort={setSort}
              selected={chosen}
              onSelect={onChoose}
              onOpen={({ id, name }) =>
                void commands.execute(CommandIDs.openVersion, { versionId: id, name })
              }
              onFilter={() => input.current?.focus()}
              handle={table}
            />
          ) : count === 0 ? (
            <ViewState
              kind="empty"
              trans={trans}
              message={trans.__('No versions yet.')}
              action={
                commands.hasCommand(REGISTER)
                  ? {
                      label: trans.__('Register version…'),
                      run: () => void commands.execute(REGISTER, { model: model.name })
                    }
                  : undefined
              }
            />
          ) : text === '' && option?.none ? (
            <ViewState
              kind="empty"
              trans={trans}
              message={option.none.message}
              action={{
                label: option.none.go.label,
                run: () => setChoice(option.none!.go.to)
              }}
            />
          ) : (
            <ViewState
              kind="no-match"
              trans={trans}
              message={
                versions.isComplete
                  ? trans.__('No version matches.')
                  : trans.__('No version matches so far; others are still being read.')
              }
              action={{
                label: trans.__('Clear filter'),
                run: () => {
                  setText('');
                  setChoice('active');
                }
              }}
            />
          )
        }
      </LiveView>
      {all && (
        <Footer
          trans={trans}
          state={state}
          count={[
            shown.length < count
              ? trans.__('%1 of %2 versions', shown.length.toLocaleString(), count.toLocaleString())
              : trans._n('%1 version', '%1 versions', count, count.toLocaleString()),
            ...(chosen.size > 0 ? [trans.__('%1 chosen', chosen.size.toLocaleString())] : [])
          ].join(', ')}
        />
      )}
    </div>
  );
}

const createdOf = ({ createTimeSinceEpoch }: IModelVersion) => Number(createTimeSinceEpoch);

function columnsOf(
  { trans }: RegistryContext,
  versions: readonly IModelVersion[],
  deployments: readonly IDeployment[],
  now: number
): IColumn<IModelVersion>[] {
  const locale = localeOf(trans);
  const running = new Map<string, number>();
  for (const { service } of deployments) {
    if (service.modelVersionId && service.desiredState !== 'UNDEPLOYED') {
      running.set(service.modelVersionId, (running.get(service.modelVersionId) ?? 0) + 1);
    }
  }
  return [
    {
      id: 'name',
      label: trans.__('Version'),
      width: 12,
      grows: true,
      sortBy: ({ name }) => name,
      cell: version => <Name text={version.name} facts={version.description} />
    },
    {
      id: 'created',
      label: trans.__('Created'),
      width: 7,
      sortBy: createdOf,
      cell: version => formatRelative(isoOf(version.createTimeSinceEpoch), now, locale)
    },
    {
      id: 'author',
      label: trans.__('Author'),
      width: 8,
      sortBy: ({ author }) => author,
      cell: ({ author }) => author ?? ''
    },
    {
      id: 'runs',
      label: trans.__('Deployed'),
      width: 6,
      number: true,
      sortBy: ({ id }) => running.get(id),
      cell: ({ id }) => running.get(id) ?? ''
    },
    ...frequentProperties(versions.slice(0, SAMPLE)).map(
      ({ name, isNumber }): IColumn<IModelVersion> => ({
        id: `property-${name}`,
        label: name,
        width: 8,
        number: isNumber,
        sortBy: version => cellOf(version, name),
        cell: version => {
          const value = cellOf(version, name);
          return typeof value === 'number' ? formatNumber(value) : (value ?? '');
        }
      })
    ),
    {
      id: 'labels',
      label: trans.__('Labels'),
      width: 10,
      grows: true,
      cell: version => labelsOf(version.customProperties).join(', ')
    }
  ];
}

/** The properties that most versions have, by name, and whether they are numbers. */
function frequentProperties(
  versions: readonly IModelVersion[]
): { name: string; isNumber: boolean }[] {
  const found = new Map<string, { name: string; isNumber: boolean; count: number }>();
  for (const { customProperties } of versions) {
    for (const { name, type, number } of propertiesOf(customProperties)) {
      if (type !== 'json' && type !== 'binary') {
        const known = found.get(name);
        found.set(name, {
          name,
          isNumber: number !== undefined && (known?.isNumber ?? true),
          count: (known?.count ?? 0) + 1
        });
      }
    }
  }
  const byName = (one: { name: string }, other: { name: string }) =>
    one.name.localeCompare(other.name);
  return [...found.values()]
    .sort((one, other) => other.count - one.count || byName(one, other))
    .slice(0, COLUMNS)
    .sort(byName);
}

function cellOf({ customProperties }: IModelVersion, name: string): string | number | undefined {
  const value = customProperties?.[name];
  const held = value && valueOf(value);
  return typeof held === 'boolean' ? String(held) : held;
}
