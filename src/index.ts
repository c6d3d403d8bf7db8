import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import connection from './connection/plugin';
import graph from './mime/plugin';
import katib from './katib/plugin';
import notebook from './notebook/plugin';
import objects from './objects/plugin';
import pipelines from './pipelines/plugin';
import registry from './registry/plugin';
import trainer from './trainer/plugin';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  connection,
  graph,
  katib,
  notebook,
  objects,
  pipelines,
  registry,
  trainer
];

export default plugins;
