import type { JupyterFrontEnd } from '@jupyterlab/application';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { DetailTabs } from './detailTabs';
import { trainerIcon } from './icons';

function make() {
  const added: Widget[] = [];
  const shell = {
    currentWidget: null as Widget | null,
    add: (widget: Widget) => void added.push(widget),
    activateById: (id: string) => {
      shell.currentWidget = added.find(widget => widget.id === id) ?? null;
    }
  };
  const tabs = new DetailTabs({
    shell: shell as unknown as JupyterFrontEnd.IShell,
    restorer: null,
    trans: nullTranslator.load('jupyterlab_kubeflow'),
    icon: trainerIcon,
    namespace: 'jobs',
    type: 'Job',
    command: 'open-job'
  });
  const open = (name: string) =>
    tabs.open(`job-${name}`, { name }, name, async () => <p>{name}</p>);
  return { tabs, open, added, shell };
}

it('has one tab for each object, with what opens it again', () => {
  const { tabs, open, added } = make();
  const first = open('first');
  open('second');
  expect(open('first')).toBe(first);
  expect(added.map(({ title }) => title.label)).toEqual(['first', 'second']);
  first.remember({ section: 'logs' });
  expect(first.args).toEqual({ name: 'first', section: 'logs' });
  expect(tabs.front).toEqual({ name: 'first', section: 'logs' });
  first.rename('renamed');
  expect(added[0]!.title.caption).toBe('renamed');
});

it('forgets a tab that is closed, and tells', () => {
  const { tabs, open, shell } = make();
  const told = jest.fn();
  open('first').disposed.connect(told);
  tabs.find('job-first')!.close();
  expect(told).toHaveBeenCalledTimes(1);
  expect(tabs.find('job-first')).toBeUndefined();
  shell.currentWidget = new Widget();
  expect(tabs.front).toBeUndefined();
});
