/** The parts of a tab that shows one watched object. */
import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IKind } from '../../client/kubernetes/kind';
import type { IKubernetesObject } from '../../client/kubernetes/object';
import { DetailFrame, type IDetailFrameProps } from '../detailFrame';
import type { ITab } from '../tabs';
import type { IKubeflow } from '../tokens';
import type { IKubernetes } from './connection';
import { Events } from './events';
import type { IWatched } from './watchedObject';
import { YamlEditor } from './yamlEditor';

/** The frame of an object's tab. What can be done to the object goes with it. */
export function ObjectFrame(
  props: Omit<IDetailFrameProps, 'notice' | 'stale'> & {
    watched: IWatched<unknown>;
    /** The state in words when the object was deleted; just that when left out. */
    goneWords?: React.ReactNode;
    onGone: () => void;
  }
): JSX.Element {
  const { watched, goneWords, onGone, ...frame } = props;
  const { trans } = frame;
  const { gone, stale, notice } = watched;
  const last = {
    state: undefined,
    words: goneWords ?? trans.__('deleted'),
    primary: { label: trans.__('Close tab'), run: onGone },
    menu: undefined
  };
  return <DetailFrame {...frame} {...(gone ? last : {})} notice={notice} stale={stale} />;
}

/** The section of an object's events and those of what it owns. */
export function eventsTab(props: React.ComponentProps<typeof Events>): ITab {
  return { id: 'events', label: props.trans.__('Events'), render: () => <Events {...props} /> };
}

/** The section in which an object is edited as YAML. */
export function yamlTab<T extends IKubernetesObject>(props: {
  trans: TranslationBundle;
  kubeflow: IKubeflow;
  kubernetes: IKubernetes;
  editors: IEditorServices | null;
  kind: IKind<T>;
  object: T;
}): ITab {
  const { kubeflow, ...editor } = props;
  return {
    id: 'yaml',
    label: props.trans.__('YAML'),
    render: () => (
      <YamlEditor
        key={props.object.metadata?.uid}
        {...editor}
        connection={kubeflow.connection.state?.active ?? ''}
      />
    )
  };
}
