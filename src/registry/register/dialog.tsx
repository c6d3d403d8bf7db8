import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useState } from 'react';

import { inspectModel, type ModelPlace } from '../../client/modelFiles';
import type { IModelVersion, IRegisteredModel } from '../../client/registry';
import { askFields, type IFieldsState } from '../../ui/form/fieldsDialog';
import { Line, More } from '../../ui/form/line';
import { formatBytes } from '../../ui/format';
import { KeyValue } from '../../ui/keyValue';
import type { IRegisterSeed } from '../../ui/registering';
import { errorMessage } from '../../ui/viewState';
import type { RegistryContext } from '../context';
import { checkDraft, draftOf, type IDraft } from './draft';
import { ModelArchived, register, VersionExists } from './register';

/** Lets a person register a version of a model. Resolves with it, or with `null` when the dialog was left. */
export async function askRegistration(
  context: RegistryContext,
  seed: IRegisterSeed
): Promise<{ model: IRegisteredModel; version: IModelVersion } | null> {
  const { trans, client, services } = context;
  const author = services.app?.serviceManager.user.identity?.display_name ?? '';
  return askFields({
    title: seed.model
      ? trans.__('Register a version of “%1”', seed.model)
      : trans.__('Register model'),
    action: trans.__('Register'),
    doing: trans.__('Registering…'),
    draft: draftOf(seed, author),
    check: draft => {
      const { problems, registration } = checkDraft(draft, seed, trans);
      return { problems, run: registration && (() => register(client, registration)) };
    },
    refusal: (error, draft) =>
      error instanceof VersionExists
        ? {
            version: trans.__(
              'There is a version %1 of %2 already. Choose another name.',
              draft.version.trim(),
              draft.model.trim()
            )
          }
        : error instanceof ModelArchived
          ? { model: trans.__('This model is in the archive. Restore it, or choose another name.') }
          : { '': errorMessage(error) },
    fields: state => <RegisterFields context={context} seed={seed} state={state} />,
    trans
  });
}

function RegisterFields(props: {
  context: RegistryContext;
  seed: IRegisterSeed;
  state: IFieldsState<IDraft>;
}): JSX.Element {
  const { context, seed, state } = props;
  const { trans } = context;
  const { draft, problems, busy, edit } = state;
  const models = useModelNames(context);
  useNextVersion(context, state);
  const look = useInspection(context, seed, state);
  const line = (
    field: 'model' | 'version' | 'uri' | 'formatName' | 'formatVersion' | 'author' | 'labels',
    label: string,
    more: { hint?: string; placeholder?: string; suggestions?: readonly string[] } = {}
  ) => (
    <Line
      label={label}
      {...more}
      value={draft[field]}
      error={problems[field]}
      readOnly={busy}
      onChange={text => edit.call(state, { [field]: text })}
    />
  );
  return (
    <>
      {line('model', trans.__('Model'), {
        suggestions: models,
        hint: models.includes(draft.model.trim())
          ? trans.__('It becomes another version of this model.')
          : undefined
      })}
      {line('version', trans.__('Version'))}
      {line('uri', trans.__('Storage URI'), {
        placeholder: trans.__('s3://bucket/path'),
        hint: seed.path ? trans.__('The files stay where they are.') : undefined
      })}
      {look}
      {line('formatName', trans.__('Format'), {
        suggestions: [
          'sklearn',
          'xgboost',
          'lightgbm',
          'onnx',
          'pytorch',
          'tensorflow',
          'huggingface'
        ],
        placeholder: trans.__('sklearn')
      })}
      {line('formatVersion', trans.__('Version of the format'))}
      <More label={trans.__('More')} open={problems.author !== undefined}>
        <label className="jp-Kubeflow-Form-field">
          <span>{trans.__('Description, as Markdown')}</span>
          <textarea
            className="jp-mod-styled jp-Kubeflow-Form-text"
            rows={3}
            readOnly={busy}
            value={draft.description}
            onChange={event => edit.call(state, { description: event.currentTarget.value })}
          />
        </label>
        {line('labels', trans.__('Labels'), { hint: trans.__('Separated by commas.') })}
        {line('author', trans.__('Author'))}
      </More>
    </>
  );
}

/** The names of the models that take a version. */
function useModelNames({ client }: RegistryContext): readonly string[] {
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    client.registeredModels
      .list({
        pageSize: 100,
        orderBy: 'LAST_UPDATE_TIME',
        sortOrder: 'DESC',
        signal: abort.signal
      })
      .then(
        page =>
          setNames(page.items.filter(each => each.state !== 'ARCHIVED').map(({ name }) => name)),
        // Names that are not suggested can be typed; what is wrong with the registry is said when it is written to.
        () => undefined
      );
    return () => abort.abort();
  }, [client]);
  return names;
}

/** Proposes the version after those that the model has, as long as none was typed. */
function useNextVersion({ client }: RegistryContext, state: IFieldsState<IDraft>): void {
  const { model, version } = state.draft;
  const [proposed, setProposed] = useState('');
  const name = model.trim();
  useEffect(() => {
    if (name === '') {
      return;
    }
    const abort = new AbortController();
    nextVersion(name, abort.signal)
      .then(setProposed)
      .catch(() => !abort.signal.aborted && setProposed('v1'));
    return () => abort.abort();

    async function nextVersion(of: string, signal: AbortSignal): Promise<string> {
      const found = await client.registeredModels.find({ name: of }, signal);
      const page = found
        ? await client
            .versionsOf(found.id)
            .list({ pageSize: 100, orderBy: 'CREATE_TIME', sortOrder: 'DESC', signal })
        : undefined;
      return afterVersions(page?.items.map(each => each.name) ?? []);
    }
  }, [client, name]);
  const [before, setBefore] = useState('');
  useEffect(() => {
    if (proposed && version === before) {
      state.edit({ version: proposed });
      setBefore(proposed);
    }
  }, [proposed]);
}

/** The name after these, the newest first: its last number is one higher; `v1` where there is none. */
export function afterVersions(names: readonly string[]): string {
  const taken = new Set(names);
  const newest = names.find(name => /\d/.test(name));
  if (newest === undefined) {
    return 'v1';
  }
  let next = newest;
  do {
    next = next.replace(/(\d+)(?!.*\d)/, digits => String(Number(digits) + 1));
  } while (taken.has(next));
  return next;
}

/** What the server finds out of the files, shown beside the fields that it fills. */
function useInspection(
  context: RegistryContext,
  seed: IRegisterSeed,
  state: IFieldsState<IDraft>
): JSX.Element | null {
  const { kubeflow, trans } = context;
  const [progress, setProgress] = useState<{ done: number; size: number }>();
  const [error, setError] = useState<unknown>();
  const place = placeOf(seed);
  useEffect(() => {
    if (!place) {
      return;
    }
    const abort = new AbortController();
    const look = async () => {
      for await (const report of inspectModel(kubeflow.server, place, { signal: abort.signal })) {
        if ('inspection' in report) {
          const { inspection } = report;
          const { format, uri } = inspection;
          state.edit({
            inspection,
            uri,
            ...(format && { formatName: format.name, formatVersion: format.version ?? '' })
          });
          setProgress({ done: 0, size: inspection.size });
        } else if ('progress' in report) {
          setProgress(report.progress);
        } else {
          state.edit({ sha256: report.sha256 });
          setProgress(undefined);
        }
      }
    };
    look().catch((problem: unknown) => {
      if (!abort.signal.aborted) {
        setProgress(undefined);
        setError(problem);
      }
    });
    return () => abort.abort();
  }, []);
  if (!place) {
    return null;
  }
  return (
    <Found
      draft={state.draft}
      progress={progress}
      error={error}
      isFile={seed.path !== undefined}
      trans={trans}
    />
  );
}

function placeOf({ path, uri, source }: IRegisterSeed): ModelPlace | undefined {
  if (path !== undefined) {
    return { path };
  }
  return uri && /^(\/|file:|pvc:)/.test(uri) ? { uri, namespace: source?.namespace } : undefined;
}

/** What was found out of the files. */
function Found(props: {
  draft: IDraft;
  progress: { done: number; size: number } | undefined;
  error: unknown;
  /** Whether it is a file of the user's own, which the server should be able to read. */
  isFile: boolean;
  trans: TranslationBundle;
}): JSX.Element {
  const { draft, progress, error, isFile, trans } = props;
  const { inspection, sha256 } = draft;
  if (error != null) {
    return (
      <p className={isFile ? 'jp-Kubeflow-notice' : 'jp-Kubeflow-quiet'} role="status">
        {errorMessage(error)}
      </p>
    );
  }
  if (!inspection) {
    return <p role="status">{trans.__('Looking at the files…')}</p>;
  }
  const { unsafe, framework, signature, notes } = inspection;
  return (
    <div className="jp-Kubeflow-found">
      {unsafe && (
        <p className="jp-Kubeflow-notice jp-mod-warning" role="alert">
          {unsafe.reason}{' '}
          {unsafe.suspicious.length > 0 &&
            trans.__('No model needs what it refers to: %1.', unsafe.suspicious.join(', '))}
        </p>
      )}
      <KeyValue
        label={trans.__('What the files tell')}
        rows={[
          {
            key: trans.__('Size'),
            value: formatBytes(inspection.size),
            exact: `${inspection.size}`
          },
          ...(framework
            ? [
                {
                  key: trans.__('Framework'),
                  value: [framework.name, framework.version].filter(Boolean).join(' ')
                }
              ]
            : []),
          ...(signature?.inputs.length
            ? [{ key: trans.__('Inputs'), value: tensorWords(signature.inputs) }]
            : []),
          ...(signature?.outputs.length
            ? [{ key: trans.__('Outputs'), value: tensorWords(signature.outputs) }]
            : []),
          ...(signature?.features.length
            ? [{ key: trans.__('Features'), value: signature.features.join(', ') }]
            : []),
          {
            key: 'SHA-256',
            value: sha256 ?? '',
            ...(progress && {
              node: (
                <progress
                  aria-label={trans.__('Reading the files')}
                  max={progress.size}
                  value={progress.done}
                />
              )
            })
          }
        ]}
      />
      {notes.map(note => (
        <p key={note} className="jp-Kubeflow-quiet">
          {note}
        </p>
      ))}
    </div>
  );
}

function tensorWords(
  tensors: readonly { name: string; type: string | null; shape: readonly unknown[] | null }[]
): string {
  return tensors
    .map(({ name, type, shape }) =>
      [name, type, shape && `[${shape.map(each => each ?? '?').join(', ')}]`]
        .filter(Boolean)
        .join(' ')
    )
    .join('; ');
}
