import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import connection from './connection/plugin';
import notebook from './notebook/plugin';

const plugins: JupyterFrontEndPlugin<any>[] = [connection, notebook];

export default plugins;
