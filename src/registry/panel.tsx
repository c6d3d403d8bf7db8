import { HTMLSelect } from '@jupyterlab/ui-components';

import { PanelFrame } from '../ui/panelFrame';
import { REGISTER } from '../ui/registering';
import { CommandIDs, type RegistryContext } from './context';
import { ModelsSection } from './modelsSection';
import { registryOf, useConnectionState, usePlace } from './place';

/** The sidebar panel: which registry, where there are several, and its models. */
export function RegistryPanel(props: { context: RegistryContext }): JSX.Element {
  const { context } = props;
  const { trans, commands } = context;
  const place = usePlace(context);
  return (
    <PanelFrame
      trans={trans}
      commands={commands}
      title={trans.__('Model Registry')}
      refresh={CommandIDs.refresh}
      create={commands.hasCommand(REGISTER) ? REGISTER : undefined}
      current="models"
      onSection={context.section.set}
      sections={[
        {
          id: 'models',
          label: trans.__('Models'),
          render: () => (
            <>
              <Registries context={context} />
              <ModelsSection key={place} context={context} />
            </>
          )
        }
      ]}
    />
  );
}

/** Chooses among the connection's registries; nothing where there is one. */
function Registries(props: { context: RegistryContext }): JSX.Element | null {
  const { kubeflow, trans } = props.context;
  const { choices = [], choice } = registryOf(useConnectionState(props.context)) ?? {};
  if (choices.length < 2) {
    return null;
  }
  return (
    <div className="jp-Kubeflow-registries">
      <HTMLSelect
        className="jp-Kubeflow-select"
        aria-label={trans.__('Registry')}
        title={choices.find(({ name }) => name === choice)?.description}
        value={choice}
        options={choices.map(({ name, displayName }) => ({ value: name, label: displayName }))}
        onChange={event => void kubeflow.connection.select({ registry: event.currentTarget.value })}
      />
    </div>
  );
}
