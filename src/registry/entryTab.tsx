/** What the tabs of a model and of a version have in common. */
import { isNotFound } from '../client/errors';
import { type ILiveState, type LiveModel, useLive } from '../ui/live';
import { LiveView } from '../ui/liveView';
import { OfflineBar, ViewState } from '../ui/viewState';
import type { RegistryContext } from './context';
import { useRegistryProblem } from './place';

/** What such a tab is given. */
export interface IEntryTabProps {
  context: RegistryContext;
  /** The section to begin with. */
  section?: string;
  onSection: (section: string) => void;
  onGone: () => void;
  /** Its label, when the name is known. */
  onName: (name: string) => void;
}

/** How current the data is, for the frame of a tab. */
export interface ICurrent {
  stale: boolean;
  notice: React.ReactNode;
}

/** Draws data that is followed, or why it is not there; the last data stays, greyed, while it cannot be read. */
export function Followed<T>(props: {
  context: RegistryContext;
  model: LiveModel<T>;
  /** The plural of what is shown. */
  what: string;
  /** What is said where it is not in this registry. */
  absent: string;
  onGone: () => void;
  children: (data: T, current: ICurrent) => JSX.Element;
}): JSX.Element {
  const { context, model } = props;
  const { trans } = context;
  const state: ILiveState<T> = useLive(model);
  const problem = useRegistryProblem(context, props.what);
  const retry = () => void model.refresh();
  if (state.data === undefined && isNotFound(state.error)) {
    return (
      <ViewState
        kind="empty"
        trans={trans}
        message={props.absent}
        action={{ label: trans.__('Close tab'), run: props.onGone }}
      />
    );
  }
  if (state.data === undefined) {
    return (
      <LiveView state={state} trans={trans} retry={retry} {...problem}>
        {() => null}
      </LiveView>
    );
  }
  const stale = state.error != null;
  return props.children(state.data, {
    stale,
    notice: stale && (
      <OfflineBar trans={trans} since={state.since} error={state.error} retry={retry} />
    )
  });
}
