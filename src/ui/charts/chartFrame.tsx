import type { TranslationBundle } from '@jupyterlab/translation';
import { useState } from 'react';

import { saveAs } from '../saveAs';
import { errorMessage, TextButton } from '../viewState';

/** What stands around every chart. */
export interface IChartFrameProps {
  trans: TranslationBundle;
  title: string;
  /** What downloaded files are called, without the ending. */
  fileName: string;
  /** Makes the picture; undefined while there is nothing to make it of. */
  png: () => Promise<Blob> | undefined;
  /** Makes the file of values. */
  csv: () => string;
  /** Buttons of the picture, before those that every chart has. */
  tools?: React.ReactNode;
  /** The element, for what is read of its style. */
  figure?: React.Ref<HTMLElement>;
  /** What stands above both the picture and the table. */
  above?: React.ReactNode;
  /** The values as a table. */
  table: () => JSX.Element;
  /** The picture. */
  children: React.ReactNode;
  /** Called when the picture takes the table's place, or the table the picture's. */
  onSwitch?: () => void;
}

/** A chart's title, the switch to its table, and its downloads. */
export function ChartFrame(props: IChartFrameProps): JSX.Element {
  const { trans, title, fileName } = props;
  const [asTable, setAsTable] = useState(false);
  const [problem, setProblem] = useState<string>();
  const savePng = async () => {
    setProblem(undefined);
    try {
      const picture = await props.png();
      if (picture) {
        saveAs(picture, `${fileName}.png`);
      }
    } catch (error) {
      setProblem(errorMessage(error));
    }
  };
  return (
    <figure ref={props.figure} className="jp-Kubeflow-chart" aria-label={title}>
      <figcaption className="jp-Kubeflow-chart-caption">
        <span className="jp-Kubeflow-chart-title" title={title}>
          {title}
        </span>
        <div className="jp-Kubeflow-chart-toolbar">
          {!asTable && props.tools}
          <label className="jp-Kubeflow-check">
            <input
              type="checkbox"
              role="switch"
              checked={asTable}
              onChange={event => {
                setAsTable(event.target.checked);
                props.onSwitch?.();
              }}
            />
            {trans.__('View as table')}
          </label>
          {!asTable && (
            <TextButton onClick={() => void savePng()}>{trans.__('Save PNG')}</TextButton>
          )}
          <TextButton
            onClick={() => saveAs(new Blob([props.csv()], { type: 'text/csv' }), `${fileName}.csv`)}
          >
            {trans.__('Save CSV')}
          </TextButton>
        </div>
      </figcaption>
      {problem !== undefined && (
        <p role="alert" className="jp-Kubeflow-notice">
          {trans.__('The picture could not be made: %1', problem)}
        </p>
      )}
      {props.above}
      {asTable ? props.table() : props.children}
    </figure>
  );
}
