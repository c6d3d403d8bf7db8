import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import connection from './connection/plugin';

const plugins: JupyterFrontEndPlugin<any>[] = [connection];

export default plugins;
