import type { LabIcon } from '@jupyterlab/ui-components';

/** A button that shows an icon alone; its words are for screen readers and on hover. Other attributes of a button go to it as they are. */
export function IconButton(
  props: { icon: LabIcon; label: string } & Omit<
    React.ButtonHTMLAttributes<HTMLButtonElement>,
    'type' | 'title' | 'aria-label' | 'className' | 'children'
  >
): JSX.Element {
  const { icon: Icon, label, ...attributes } = props;
  return (
    <button
      {...attributes}
      type="button"
      className="jp-Kubeflow-iconButton"
      title={label}
      aria-label={label}
    >
      <Icon.react tag={null} width="16px" height="16px" />
    </button>
  );
}
