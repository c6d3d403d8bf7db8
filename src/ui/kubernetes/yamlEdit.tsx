import { useEffect, useMemo, useRef, useState } from 'react';

import type { IKindSchema } from '../../client/kubernetes/openApi';
import type { IKubernetesObject } from '../../client/kubernetes/object';
import { isAborted } from '../../client/errors';
import { confirmDestructive } from '../confirm';
import { errorMessage, TextButton } from '../viewState';
import type { IDraft } from './drafts';
import { applyEdit, createAgain, readEdit, tryEdit, type Verdict, versionOf } from './editing';
import { EditorHost, type IEditorHandle } from './editorHost';
import { check } from './schemaTree';
import type { IPlacedProblem } from './schemaExtensions';
import { same, takeOver } from './threeWay';
import { editable, type IProblem, parse, pathText, placeOf, toText } from './yamlText';
import { YamlDiff } from './yamlDiff';
import type { IYamlEditorProps } from './yamlEditor';

type Accepted = Extract<Verdict, { kind: 'accepted' }>;
type Conflict = Extract<Verdict, { kind: 'conflict' }>;
type Busy = 'check' | 'compare' | 'apply';

/** What the line above the editor says. */
interface INotice {
  text: string;
  failed: boolean;
  /** Where in the text it is. */
  at?: number;
}

/** An object while it is edited: checks, what would change, and what to do when others have changed it meanwhile. */
export function YamlEdit<T extends IKubernetesObject>(
  props: IYamlEditorProps<T> & {
    draft: IDraft;
    /** Called with each change of the draft. */
    onDraft: (draft: IDraft) => void;
    /** Called when it was applied, by a change or by making the object again, or given up. */
    onEnd: (applied?: 'changed' | 'created') => void;
  }
): JSX.Element {
  const { trans, kubernetes, kind, object } = props;
  const name = object.metadata?.name ?? '';
  const resource = useMemo(
    () => kubernetes.client.resource(versionOf(kind, props.draft.base as T)),
    [kubernetes, kind]
  );
  const draft = useRef(props.draft);
  const editor = useRef<IEditorHandle>(null);
  /** What the server said of single fields, with the values that they had then. */
  const refused = useRef<(IProblem & { value: unknown })[]>([]);
  const [schema, setSchema] = useState<IKindSchema>();
  const [notice, setNotice] = useState<INotice>();
  const [busy, setBusy] = useState<Busy>();
  const [accepted, setAccepted] = useState<Accepted>();
  const [conflict, setConflict] = useState<Conflict>();
  const [gone, setGone] = useState(false);

  useEffect(() => {
    let gone = false;
    // Without a schema there is no completion; the server checks all the same.
    void kubernetes.openApi
      .schema(props.draft.base.apiVersion ?? 'v1', kind.kind)
      .then(found => gone || setSchema(found))
      .catch((error: unknown) => console.warn('Kubeflow: no schema for the editor.', error));
    return () => {
      gone = true;
    };
  }, [kubernetes, kind]);
  useEffect(() => props.onDraft(draft.current), []);

  const change = (next: Partial<IDraft>) => {
    draft.current = { ...draft.current, ...next };
    props.onDraft(draft.current);
  };
  const problems = (text: string): IPlacedProblem[] =>
    problemsOf(text, draft.current, schema, refused.current);

  const settle = (verdict: Verdict) => {
    if (verdict.kind === 'refused') {
      const document = parse(draft.current.text);
      refused.current = verdict.problems.map(each => ({
        ...each,
        value: document.getIn(each.path)
      }));
      const [first] = verdict.problems;
      const at = first && placeOf(document, first.path).from;
      setNotice({ text: verdict.message, failed: true, at });
      setAccepted(undefined);
      editor.current?.lint();
    } else if (verdict.kind === 'conflict') {
      setAccepted(undefined);
      setConflict(verdict);
      setGone(false);
    } else if (verdict.kind === 'gone') {
      setAccepted(undefined);
      setConflict(undefined);
      setGone(true);
    }
  };
  const work = async (what: Busy, run: () => Promise<void>) => {
    setBusy(what);
    setNotice(undefined);
    try {
      await run();
    } catch (error) {
      if (!isAborted(error)) {
        setNotice({ text: errorMessage(error), failed: true });
      }
    } finally {
      setBusy(undefined);
    }
  };
  const ask = async (): Promise<Accepted | undefined> => {
    const verdict = await tryEdit(resource, draft.current);
    settle(verdict);
    if (verdict.kind !== 'accepted') {
      return undefined;
    }
    refused.current = [];
    editor.current?.lint();
    return verdict;
  };
  const onCheck = () =>
    work('check', async () => {
      if (await ask()) {
        setNotice({ text: trans.__('The server accepts this.'), failed: false });
      }
    });
  const onCompare = () =>
    work('compare', async () => {
      const found = await ask();
      if (found && found.before === found.after) {
        setNotice({ text: trans.__('This changes nothing.'), failed: false });
      } else {
        setAccepted(found);
      }
    });
  const onApply = (found: Accepted) =>
    work('apply', async () => {
      const verdict = await applyEdit(resource, found.edited, found.base);
      if (verdict) {
        settle(verdict);
      } else {
        props.onEnd('changed');
      }
    });
  const onCreate = () =>
    work('apply', async () => {
      const verdict = await createAgain(resource, draft.current);
      if (verdict) {
        settle(verdict);
      } else {
        props.onEnd('created');
      }
    });
  const onDiscard = async () => {
    const untouched = draft.current.text === toText(editable(draft.current.base));
    if (
      untouched ||
      (await confirmDestructive(trans, {
        title: trans.__('Discard the edit of “%1”?', name),
        body: trans.__('What you have typed here is lost. The object stays as it is.'),
        action: trans.__('Discard edit')
      }))
    ) {
      props.onEnd();
    }
  };
  const onReload = ({ live }: Conflict) => {
    const document = parse(draft.current.text);
    const kept = takeOver(document, editable(draft.current.base), editable(live));
    const text = document.toString({ lineWidth: 0 });
    change({ text, base: live });
    editor.current?.setText(text);
    setConflict(undefined);
    setNotice({
      text:
        kept.length > 0
          ? trans.__('Reloaded. Your own values were kept at %1.', kept.map(pathText).join(', '))
          : trans.__('Reloaded. All your edits were kept.'),
      failed: false
    });
  };
  const onOverwrite = ({ live }: Conflict) => {
    change({ base: live });
    setConflict(undefined);
    return onCompare();
  };

  return (
    <div className="jp-Kubeflow-yaml">
      <div
        className="jp-Kubeflow-yaml-toolbar"
        role="toolbar"
        aria-label={trans.__('Edit of %1', name)}
      >
        {accepted ? (
          <>
            <TextButton
              primary
              disabled={busy !== undefined}
              onClick={() => void onApply(accepted)}
            >
              {busy === 'apply' ? trans.__('Applying…') : trans.__('Apply changes')}
            </TextButton>
            <TextButton disabled={busy !== undefined} onClick={() => setAccepted(undefined)}>
              {trans.__('Back to editing')}
            </TextButton>
          </>
        ) : (
          <>
            <TextButton
              primary
              reason={busy && trans.__('The server is being asked.')}
              onClick={() => void onCompare()}
            >
              {busy === 'compare' ? trans.__('Comparing…') : trans.__('Apply…')}
            </TextButton>
            <TextButton
              reason={busy && trans.__('The server is being asked.')}
              onClick={() => void onCheck()}
            >
              {busy === 'check' ? trans.__('Checking…') : trans.__('Check')}
            </TextButton>
            <TextButton disabled={busy === 'apply'} onClick={() => void onDiscard()}>
              {trans.__('Discard')}
            </TextButton>
          </>
        )}
      </div>
      {conflict && (
        <div className="jp-Kubeflow-notice" role="alert">
          <p>
            {trans.__(
              'Somebody has changed %1 meanwhile: %2. Nothing was applied yet.',
              name,
              conflict.fields.join(', ')
            )}
          </p>
          <div className="jp-Kubeflow-notice-actions">
            <TextButton primary onClick={() => onReload(conflict)}>
              {trans.__('Reload and keep my edits')}
            </TextButton>
            <TextButton onClick={() => void onOverwrite(conflict)}>
              {trans.__('Overwrite…')}
            </TextButton>
          </div>
        </div>
      )}
      {gone && (
        <div className="jp-Kubeflow-notice" role="alert">
          <p>{trans.__('%1 was deleted meanwhile. Your edit is still here.', name)}</p>
          <div className="jp-Kubeflow-notice-actions">
            <TextButton
              primary
              reason={busy && trans.__('The server is being asked.')}
              onClick={() => void onCreate()}
            >
              {trans.__('Create it again')}
            </TextButton>
          </div>
        </div>
      )}
      {notice && (
        <div
          className={`jp-Kubeflow-notice${notice.failed ? ' jp-mod-failed' : ''}`}
          role={notice.failed ? 'alert' : 'status'}
        >
          <p>{notice.text}</p>
          {notice.at !== undefined && (
            <TextButton onClick={() => editor.current?.goTo(notice.at!)}>
              {trans.__('Go to it')}
            </TextButton>
          )}
        </div>
      )}
      {accepted && (
        <>
          <p className="jp-Kubeflow-diff-words">
            {trans.__(
              'This is what changes. The status and what the server alone writes are left out.'
            )}
          </p>
          <YamlDiff
            trans={trans}
            before={accepted.before}
            after={accepted.after}
            label={trans.__('Changes of %1', name)}
          />
        </>
      )}
      <div className="jp-Kubeflow-yaml-hold" hidden={accepted !== undefined}>
        <EditorHost
          trans={trans}
          editors={props.editors}
          text={draft.current.text}
          label={trans.__('YAML of %1, being edited', name)}
          schema={schema}
          problems={problems}
          onChange={text => change({ text })}
          handle={editor}
        />
      </div>
    </div>
  );
}

/** What is wrong with a text: what does not parse, what the schema does not allow, and what the server has refused and still stands there. */
export function problemsOf(
  text: string,
  { base }: IDraft,
  schema: IKindSchema | undefined,
  refused: readonly (IProblem & { value: unknown })[]
): IPlacedProblem[] {
  const read = readEdit(text, base);
  const document = parse(text);
  const found: (IProblem & { from?: number })[] = [];
  if ('problems' in read) {
    found.push(...read.problems);
  }
  if (document.errors.length === 0) {
    if (schema) {
      found.push(...check(document.toJS(), schema));
    }
    found.push(
      ...refused.filter(each => same(plain(document.getIn(each.path)), plain(each.value)))
    );
  }
  return found.map(each => ({
    ...each,
    ...(each.from === undefined
      ? placeOf(document, each.path)
      : { from: each.from, to: each.from + 1 })
  }));
}

function plain(value: unknown): unknown {
  const node = value as { toJSON?: () => unknown } | null | undefined;
  return typeof node?.toJSON === 'function' ? node.toJSON() : value;
}
