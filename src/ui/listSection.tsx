import type { TranslationBundle } from '@jupyterlab/translation';
import { useDeferredValue, useImperativeHandle, useMemo, useRef, useState } from 'react';

import { FilterBar } from './filterBar';
import { Footer } from './footer';
import { type LiveModel, useLive } from './live';
import { LiveView } from './liveView';
import { type IResourceListProps, ResourceList } from './resourceList';
import type { IRows } from './useRows';
import { ViewState } from './viewState';

/** What code outside can ask of a section. */
export interface IListSection {
  /** Puts the keyboard into the filter. */
  focusFilter(): void;
}

/** A section of a panel: a list that is wholly read, filtered here, with its states and its count. */
export interface IListSectionProps<T> extends Pick<
  IResourceListProps<T>,
  | 'kind'
  | 'itemKey'
  | 'itemLabel'
  | 'renderRow'
  | 'actions'
  | 'onOpen'
  | 'onDelete'
  | 'onSelect'
  | 'onVisible'
> {
  trans: TranslationBundle;
  model: LiveModel<readonly T[]>;
  /** Whether an item has the filter's text, which is trimmed. */
  holds: (item: T, text: string) => boolean;
  words: {
    /** The list's name. */
    list: string;
    filter: string;
    /** Asked after each read, as a list may still grow. */
    noMatch: () => string;
    count: (shown: number, all: number) => string;
  };
  /** A further filter beside the text; its first option lets all through. */
  choice?: {
    label: string;
    options: {
      value: string;
      label: string;
      test: (item: T) => boolean;
      /** What is said where no item at all is let through, and the option to go to then. */
      none?: { message: string; go: { label: string; to: string } };
    }[];
  };
  /** What an empty list says, and what fills it. */
  empty: { message: string; action?: { label: string; run: () => void } };
  /** The words of `LiveView` for what cannot be read. */
  problem: Pick<React.ComponentProps<typeof LiveView>, 'forbidden' | 'absent' | 'isAbsent'>;
  handle?: React.Ref<IListSection>;
}

/** Whether a name has a text somewhere, in either case. */
export function nameHas(name: string, text: string): boolean {
  return name.toLowerCase().includes(text.toLowerCase());
}

/** Draws the section. */
export function ListSection<T>(props: IListSectionProps<T>): JSX.Element {
  const { trans, model, words, choice, holds } = props;
  const state = useLive(model);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(choice?.options[0]?.value ?? '');
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<IRows>(null);
  useImperativeHandle(props.handle, () => ({ focusFilter: () => input.current?.focus() }));

  const wanted = useDeferredValue(text.trim());
  const option = choice?.options.find(({ value }) => value === chosen);
  const shown = useMemo(
    () => state.data?.filter(item => (!option || option.test(item)) && holds(item, wanted)) ?? [],
    // The options are made anew at each render: which of them is chosen says whether the test has changed.
    [state.data, wanted, chosen]
  );
  const clear = () => {
    setText('');
    setChosen(choice?.options[0]?.value ?? '');
  };
  return (
    <div className="jp-Kubeflow-section">
      <FilterBar
        trans={trans}
        label={words.filter}
        text={text}
        onText={setText}
        onLeave={() => list.current?.focus()}
        input={input}
        choice={choice && { ...choice, value: chosen, onChange: setChosen }}
      />
      <LiveView state={state} trans={trans} retry={() => void model.refresh()} {...props.problem}>
        {all =>
          shown.length > 0 ? (
            <ResourceList
              {...props}
              label={words.list}
              items={shown}
              onFilter={() => input.current?.focus()}
              handle={list}
            />
          ) : all.length > 0 && wanted === '' && option?.none ? (
            <ViewState
              kind="empty"
              trans={trans}
              message={option.none.message}
              action={{
                label: option.none.go.label,
                run: () => setChosen(option.none!.go.to)
              }}
            />
          ) : all.length > 0 ? (
            <ViewState
              kind="no-match"
              trans={trans}
              message={words.noMatch()}
              action={{ label: trans.__('Clear filter'), run: clear }}
            />
          ) : (
            <ViewState kind="empty" trans={trans} {...props.empty} />
          )
        }
      </LiveView>
      {state.data && (
        <Footer trans={trans} state={state} count={words.count(shown.length, state.data.length)} />
      )}
    </div>
  );
}
