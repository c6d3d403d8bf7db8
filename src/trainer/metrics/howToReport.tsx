import type { TranslationBundle } from '@jupyterlab/translation';

import { CodeText } from '../../ui/codeText';

const GUIDE = 'https://trainer.kubeflow.org/en/latest/user-guides/trainjob-progress.html';

/** The call of the Kubeflow SDK (0.5); it does nothing outside of a TrainJob. */
const CALL = `from kubeflow.trainer import update_trainjob_status

for epoch in range(epochs):
    loss = train(epoch)
    update_trainjob_status(
        progress_percent=100 * (epoch + 1) // epochs,
        metrics={"epoch": epoch + 1, "loss": loss},
    )`;

/** How a training reports progress and metrics, when it has reported none; at once where it could report now, else on demand. */
export function HowToReport(props: {
  trans: TranslationBundle;
  ended: boolean;
  open: boolean;
}): JSX.Element {
  const { trans, ended, open } = props;
  const how = (
    <>
      <p>
        {trans.__(
          'A training reports by this call of the Kubeflow SDK, which sends at most one report in five seconds, so call it as often as you like:'
        )}
      </p>
      <pre>
        <code>{CALL}</code>
      </pre>
      <p>
        <CodeText
          text={trans.__(
            'The Trainer of Hugging Face Transformers reports by itself. Other programs send a POST with `{"trainerStatus": …}` to `KUBEFLOW_TRAINER_SERVER_URL`, with the token in the file `KUBEFLOW_TRAINER_SERVER_TOKEN` and the certificate authority in `KUBEFLOW_TRAINER_SERVER_CA_CERT`. Where these variables are not set, the cluster’s Trainer has the feature TrainJobStatus (2.2 or later) switched off.'
          )}
        />
      </p>
      <p>
        <a href={GUIDE} target="_blank" rel="noreferrer">
          {trans.__('How a training reports its progress')}
        </a>
      </p>
    </>
  );
  return (
    <section className="jp-Kubeflow-metrics-how">
      <h2>{ended ? trans.__('No progress was reported') : trans.__('No progress reported yet')}</h2>
      {open ? (
        how
      ) : (
        <details>
          <summary>{trans.__('How to report it')}</summary>
          {how}
        </details>
      )}
    </section>
  );
}
