import { InputDialog, Notification } from '@jupyterlab/apputils';

import type { IPipeline } from '../client/pipelines';
import type { PipelinesContext } from './context';
import { readPipelines } from './pipelinesSection';

/** Lets the user choose one of the connection's pipelines; `null` when there is none or the user leaves. */
export async function choosePipeline(
  context: PipelinesContext,
  title: string
): Promise<IPipeline | null> {
  const { trans } = context;
  const pipelines = await readPipelines(context.client);
  if (pipelines.length === 0) {
    Notification.info(
      trans.__(
        'No pipelines yet. Upload one, or right-click a notebook and choose Run as pipeline…'
      )
    );
    return null;
  }
  const labels = pipelines.map((item, index) =>
    pipelines.some((other, at) => at !== index && other.displayName === item.displayName)
      ? `${item.displayName} (${item.id})`
      : item.displayName
  );
  const { value, button } = await InputDialog.getItem({
    title,
    label: trans.__('Pipeline'),
    items: labels,
    okLabel: trans.__('Continue')
  });
  const at = value === null ? -1 : labels.indexOf(value);
  return button.accept ? (pipelines[at] ?? null) : null;
}
