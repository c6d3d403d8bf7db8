import type { TranslationBundle } from '@jupyterlab/translation';
import { useMemo } from 'react';

import {
  type IPodMetrics,
  type ITrainJob,
  podMetrics,
  pods as podKind
} from '../../client/kubernetes/kinds';
import { formatBytes, formatNumber } from '../../ui/format';
import type { IKubernetes } from '../../ui/kubernetes/connection';
import { forbiddenWords } from '../../ui/kubernetes/problem';
import { useList } from '../../ui/kubernetes/useList';
import { LiveModel, useLive, useModel } from '../../ui/live';
import { ScrollTable } from '../../ui/scrollTable';
import { Name } from '../../ui/text';
import { errorKind, OfflineBar } from '../../ui/viewState';
import { JOB_SET, placeWords } from '../nodes';
import { type IAmounts, type IUsage, together, usageOf } from './usage';

/** Milliseconds between two measurements; metrics-server's own are 15 s apart. */
const INTERVAL = 10_000;

/** What the pods of a job use now, and what they ask for; nothing where the user may not list pods, as the tab then says. */
export function UsageSection(props: {
  trans: TranslationBundle;
  kubernetes: IKubernetes;
  job: ITrainJob;
}): JSX.Element | null {
  const { trans, kubernetes, job } = props;
  const { name = '', namespace } = job.metadata ?? {};
  const selection = { namespace, labelSelector: `${JOB_SET}=${name}` };
  const { data: pods, error } = useList(kubernetes.lists.list(podKind, selection));
  if (pods === undefined && error != null && errorKind(error) === 'forbidden') {
    return null;
  }
  const running = (pods ?? []).some(pod => pod.status?.phase === 'Running');
  return (
    <section className="jp-Kubeflow-metrics-usage">
      <h2>{trans.__('Resources in use')}</h2>
      {running ? (
        <Running {...props} pods={pods ?? []} selection={selection} />
      ) : (
        <p className="jp-Kubeflow-quiet">{trans.__('No pod of this job runs now.')}</p>
      )}
    </section>
  );
}

function Running(props: {
  trans: TranslationBundle;
  kubernetes: IKubernetes;
  pods: Parameters<typeof usageOf>[0];
  selection: { namespace?: string; labelSelector: string };
}): JSX.Element {
  const { trans, kubernetes, pods, selection } = props;
  const { namespace, labelSelector } = selection;
  const model = useModel(
    () =>
      new LiveModel<IPodMetrics[] | null>({
        read: async (_, signal) =>
          (await kubernetes.client.discovery.has(podMetrics))
            ? kubernetes.client.resource(podMetrics).list({ namespace, labelSelector, signal })
            : null,
        interval: () => INTERVAL
      }),
    [kubernetes, namespace, labelSelector]
  );
  const { data, error, since } = useLive(model);
  const rows = useMemo(() => usageOf(pods, data ?? []), [pods, data]);
  const forbidden = error != null && errorKind(error) === 'forbidden';
  return (
    <>
      {data === null && (
        <p className="jp-Kubeflow-quiet">
          {trans.__(
            'What pods use is not known: the cluster has no metrics server (metrics.k8s.io). Whoever runs it can install one.'
          )}
        </p>
      )}
      {forbidden && (
        <p className="jp-Kubeflow-notice" role="alert">
          {forbiddenWords({ verb: 'list', kind: podMetrics, namespace }, error, trans)}
        </p>
      )}
      {error != null && !forbidden && (
        <OfflineBar trans={trans} since={since} error={error} retry={() => void model.refresh()} />
      )}
      <UsageTable trans={trans} rows={rows} />
    </>
  );
}

function UsageTable(props: { trans: TranslationBundle; rows: readonly IUsage[] }): JSX.Element {
  const { trans, rows } = props;
  return (
    <ScrollTable
      label={trans.__('Resources in use')}
      className="jp-Kubeflow-metrics-table"
      columns={[
        trans.__('Node'),
        trans.__('Pod'),
        { label: trans.__('CPU (cores)'), number: true },
        { label: trans.__('asked'), number: true },
        { label: trans.__('Memory'), number: true },
        { label: trans.__('asked'), number: true }
      ]}
    >
      <tbody>
        {rows.map(row => (
          <tr key={row.uid}>
            <th scope="row">{placeWords(row.place, trans)}</th>
            <td>
              <Name text={row.pod} />
            </td>
            <Cells used={row.used} asked={row.asked} />
          </tr>
        ))}
      </tbody>
      {rows.length > 1 && (
        <tfoot>
          <tr>
            <th scope="row" colSpan={2}>
              {trans.__('Together')}
            </th>
            <Cells
              used={together(rows.map(row => row.used))}
              asked={together(rows.map(row => row.asked))}
            />
          </tr>
        </tfoot>
      )}
    </ScrollTable>
  );
}

function Cells(props: { used: IAmounts; asked: IAmounts }): JSX.Element {
  const { used, asked } = props;
  const cores = (value: number | undefined) =>
    value === undefined ? '–' : formatNumber(Math.round(value * 1000) / 1000);
  const bytes = (value: number | undefined) => (value === undefined ? '–' : formatBytes(value));
  return (
    <>
      <td className="jp-mod-number">{cores(used.cpu)}</td>
      <td className="jp-mod-number jp-Kubeflow-quiet">{cores(asked.cpu)}</td>
      <td className="jp-mod-number" title={used.memory?.toLocaleString()}>
        {bytes(used.memory)}
      </td>
      <td className="jp-mod-number jp-Kubeflow-quiet" title={asked.memory?.toLocaleString()}>
        {bytes(asked.memory)}
      </td>
    </>
  );
}
