import { useId, useRef } from 'react';

/** One tab. */
export interface ITab {
  id: string;
  label: string;
  render: () => React.ReactNode;
}

/** Tabs after the ARIA pattern: arrow keys, Home and End move; only the current one is drawn. */
export function Tabs(props: {
  label: string;
  tabs: readonly ITab[];
  current: string;
  onChange: (id: string) => void;
  className?: string;
}): JSX.Element {
  const { tabs, onChange } = props;
  const prefix = useId();
  const list = useRef<HTMLDivElement>(null);
  const current = tabs.find(tab => tab.id === props.current) ?? tabs[0];

  const onKeyDown = (event: React.KeyboardEvent) => {
    const at = tabs.findIndex(tab => tab.id === current?.id);
    const to = {
      ArrowRight: (at + 1) % tabs.length,
      ArrowLeft: (at + tabs.length - 1) % tabs.length,
      Home: 0,
      End: tabs.length - 1
    }[event.key];
    const next = to === undefined ? undefined : tabs[to];
    if (next) {
      event.preventDefault();
      onChange(next.id);
      list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
    }
  };

  return (
    <div className={`jp-Kubeflow-tabs ${props.className ?? ''}`}>
      <div
        ref={list}
        role="tablist"
        aria-label={props.label}
        className="jp-Kubeflow-tabs-list"
        onKeyDown={onKeyDown}
      >
        {tabs.map(tab => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${prefix}-${tab.id}`}
            data-tab={tab.id}
            aria-selected={tab.id === current?.id}
            aria-controls={tab.id === current?.id ? `${prefix}-panel` : undefined}
            tabIndex={tab.id === current?.id ? 0 : -1}
            className="jp-Kubeflow-tab"
            onClick={() => onChange(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      {current && (
        <div
          key={current.id}
          role="tabpanel"
          id={`${prefix}-panel`}
          aria-labelledby={`${prefix}-${current.id}`}
          className="jp-Kubeflow-tabs-panel"
        >
          {current.render()}
        </div>
      )}
    </div>
  );
}
