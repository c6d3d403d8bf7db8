import { ScrollTable } from '../ui/scrollTable';
import { RelativeTime, useNow } from '../ui/text';
import { CommandIDs, type RegistryContext } from './context';
import type { IDeployment } from './data';
import { nameOfService } from './model/lineage';
import { isoOf } from './model/times';

/** Where a model runs, as the registry knows it. */
export function Deployments(props: {
  context: RegistryContext;
  deployments: readonly IDeployment[];
  /** The name of a version, where a column is to tell it. */
  versionName?: (id: string) => string | undefined;
}): JSX.Element {
  const { context, deployments, versionName } = props;
  const { trans, commands } = context;
  const now = useNow(60_000, deployments.length > 0);
  return (
    <section>
      <h2>{trans.__('Where it runs')}</h2>
      {deployments.length === 0 ? (
        <p className="jp-Kubeflow-quiet">
          {trans.__('The registry knows of no inference service that serves it.')}
        </p>
      ) : (
        <ScrollTable
          label={trans.__('Inference services')}
          columns={[
            trans.__('Inference service'),
            ...(versionName ? [trans.__('Version')] : []),
            trans.__('Environment'),
            trans.__('State'),
            trans.__('Changed')
          ]}
        >
          <tbody>
            {deployments.map(({ service, environment }) => (
              <tr key={service.id}>
                <td>
                  <bdi>{nameOfService(service)}</bdi>
                </td>
                {versionName && (
                  <td>
                    {service.modelVersionId ? (
                      <button
                        type="button"
                        className="jp-Kubeflow-link"
                        onClick={() =>
                          void commands.execute(CommandIDs.openVersion, {
                            versionId: service.modelVersionId!,
                            name: versionName(service.modelVersionId!) ?? ''
                          })
                        }
                      >
                        {versionName(service.modelVersionId) ?? service.modelVersionId}
                      </button>
                    ) : (
                      trans.__('the newest')
                    )}
                  </td>
                )}
                <td>
                  <bdi>{environment?.name ?? service.servingEnvironmentId}</bdi>
                </td>
                <td>
                  {service.desiredState === 'UNDEPLOYED'
                    ? trans.__('not deployed any more')
                    : trans.__('deployed')}
                </td>
                <td>
                  <RelativeTime iso={isoOf(service.lastUpdateTimeSinceEpoch)} now={now} />
                </td>
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      )}
    </section>
  );
}
