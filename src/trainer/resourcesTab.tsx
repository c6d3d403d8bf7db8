import type { TranslationBundle } from '@jupyterlab/translation';

import type { ITrainJob } from '../client/kubernetes/kinds';
import { amountOf } from '../client/kubernetes/quantity';
import { formatNumber } from '../ui/format';
import { ScrollTable } from '../ui/scrollTable';
import { ViewState } from '../ui/viewState';
import type { IJobParts } from './parts';
import { askedResources, type IAsked, resourceNames, totalOf } from './resources';

/** What each step asks for, and all of them together. */
export function ResourcesTab(props: {
  trans: TranslationBundle;
  job: ITrainJob;
  parts: IJobParts;
}): JSX.Element {
  const { trans, job, parts } = props;
  const rows = askedResources(job, parts);
  const names = resourceNames(rows);
  if (rows.length === 0) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={trans.__('What the job asks for is in its runtime, which cannot be read.')}
      />
    );
  }
  const none = rows.every(row => Object.keys(row.requests).length === 0);
  return (
    <div className="jp-Kubeflow-overview">
      <ScrollTable
        label={trans.__('Asked')}
        columns={[
          trans.__('Step'),
          ...[trans.__('Pods'), ...names.map(name => titleOf(name, trans))].map(label => ({
            label,
            number: true as const
          }))
        ]}
      >
        <tbody>
          {rows.map(row => (
            <tr key={`${row.step}/${row.container}`}>
              <th scope="row">
                {row.container === row.step || row.container === 'node'
                  ? row.step
                  : `${row.step}/${row.container}`}
              </th>
              <td className="jp-mod-number">{row.count}</td>
              {names.map(name => (
                <td key={name} className="jp-mod-number">
                  <Amount trans={trans} row={row} name={name} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{trans.__('Together')}</th>
            <td className="jp-mod-number">{rows.reduce((sum, row) => sum + row.count, 0)}</td>
            {names.map(name => (
              <td key={name} className="jp-mod-number">
                {amountText(name, totalOf(rows, name))}
              </td>
            ))}
          </tr>
        </tfoot>
      </ScrollTable>
      <p className="jp-Kubeflow-quiet">
        {none
          ? trans.__(
              'Nothing is asked for: the pods share what their machine has, and may be the first to be ended when it is short. What is used stands under Progress.'
            )
          : trans.__('Asked for by each pod of a step. What is used stands under Progress.')}
      </p>
    </div>
  );
}

function Amount(props: { trans: TranslationBundle; row: IAsked; name: string }): JSX.Element {
  const { trans, row, name } = props;
  const request = row.requests[name];
  const limit = row.limits[name];
  if (request === undefined) {
    return <span className="jp-Kubeflow-quiet">–</span>;
  }
  return (
    <span
      title={
        limit
          ? trans.__('Asks for %1, limit %2', request, limit)
          : trans.__('Asks for %1, without a limit', request)
      }
    >
      {amountText(name, amountOf(request))}
      {limit !== undefined && limit !== request && (
        <span className="jp-Kubeflow-quiet">
          {' '}
          {trans.__('to %1', amountText(name, amountOf(limit)))}
        </span>
      )}
    </span>
  );
}

function titleOf(name: string, trans: TranslationBundle): string {
  switch (name) {
    case 'cpu':
      return trans.__('CPU (cores)');
    case 'memory':
      return trans.__('Memory');
    case 'nvidia.com/gpu':
      return trans.__('GPUs');
    default:
      return name;
  }
}

/** An amount, in the unit that people count the resource in. */
function amountText(name: string, amount: number | undefined): string {
  if (amount === undefined) {
    return '–';
  }
  if (name !== 'memory' && !name.endsWith('storage')) {
    return formatNumber(amount);
  }
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = amount;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${formatNumber(value)} ${units[unit]}`;
}
