import { useMemo } from 'react';

import { ChartTable } from './chartTable';
import type { IColumn } from './columns';
import { cellsOf, headOf, type IItems } from './items';

/** Items with all their values, exactly, each opened by its name. */
export function ItemTable(props: {
  title: string;
  items: IItems;
  columns: readonly IColumn[];
  /** Those that are shown; all when it is left out. */
  active: ReadonlySet<number> | undefined;
  height: number;
  onOpen: (name: string) => void;
}): JSX.Element {
  const { items, columns, active } = props;
  const shown = useMemo(
    () => [...items.names.keys()].filter(item => !active || active.has(item)),
    [items, active]
  );
  return (
    <ChartTable
      title={props.title}
      columns={headOf(items, columns)}
      count={shown.length}
      cells={row => {
        const item = shown[row]!;
        const name = items.names[item]!;
        return [
          <button
            key={name}
            type="button"
            className="jp-Kubeflow-chart-open"
            title={name}
            onClick={() => props.onOpen(name)}
          >
            {name}
          </button>,
          ...cellsOf(items, columns, item)
        ];
      }}
      height={props.height}
    />
  );
}
