import { tasksFromNative, tasksFromRunDetails } from './tasks';

const spec = {
  pipelineInfo: { name: 'p' },
  root: {
    dag: {
      tasks: {
        train: { componentRef: { name: 'comp-train' }, taskInfo: { name: 'Train it' } },
        'for-loop-1': {
          componentRef: { name: 'comp-for-loop-1' },
          parameterIterator: { itemInput: 'x', items: { raw: '[1, 2]' } },
          taskInfo: { name: 'for-loop-1' }
        }
      }
    }
  },
  components: {
    'comp-train': { executorLabel: 'exec-train' },
    'comp-for-loop-1': {
      dag: {
        tasks: { train: { componentRef: { name: 'comp-train' }, taskInfo: { name: 'train' } } }
      }
    }
  },
  deploymentSpec: { executors: { 'exec-train': { container: {} } } }
};

describe('tasksFromNative', () => {
  it('reads states, times, values and artifacts', () => {
    const [task] = tasksFromNative([
      {
        task_id: 't1',
        name: 'train',
        display_name: 'Train it',
        scope_path: 'root.train',
        type: 'RUNTIME',
        state: 'CACHED',
        create_time: '2026-01-01T00:00:00Z',
        end_time: '1970-01-01T00:00:00Z',
        pods: [{ name: 'pod-1', type: 'DRIVER' }, { name: 'pod-2', type: 'EXECUTOR' }, {}],
        inputs: { parameters: [{ parameter_key: 'lr', value: 0.1 }] },
        outputs: {
          artifacts: [
            {
              artifact_key: 'model',
              artifacts: [
                { artifact_id: 'a', name: 'm', type: 'Model', uri: '/m', metadata: { k: 1 } }
              ]
            }
          ]
        }
      }
    ]);
    expect(task).toMatchObject({
      id: 't1',
      displayName: 'Train it',
      scopePath: 'root.train',
      kind: 'runtime',
      state: 'cached',
      createTime: '2026-01-01T00:00:00Z',
      pods: [
        { name: 'pod-1', type: 'driver' },
        { name: 'pod-2', type: 'executor' }
      ],
      inputs: { parameters: { lr: 0.1 }, artifacts: [] },
      outputs: { artifacts: [{ key: 'model', artifactId: 'a', type: 'Model', metadata: { k: 1 } }] }
    });
    expect(task!.endTime).toBeUndefined();
  });

  it.each([
    ['RUNTIME_STATE_UNSPECIFIED', 'PENDING', 'pending'],
    ['FAILED', 'CANCELED', 'cancelled'],
    ['FAILED', undefined, 'failed'],
    ['SOMETHING_NEW', undefined, 'pending'],
    [undefined, undefined, 'pending']
  ])('takes state %s with the property %s for %s', (state, special, expected) => {
    const status_metadata = special ? { custom_properties: { state: special } } : undefined;
    expect(tasksFromNative([{ task_id: 't', state, status_metadata }])[0]!.state).toBe(expected);
  });

  it('puts the iteration into scope paths that lack it', () => {
    const tasks = tasksFromNative([
      { task_id: 'r', type: 'ROOT', scope_path: 'root' },
      {
        task_id: 'l',
        name: 'for-loop-1',
        type: 'LOOP',
        parent_task_id: 'r',
        scope_path: 'root.for-loop-1'
      },
      {
        task_id: 'i',
        name: 'for-loop-1',
        type: 'DAG',
        parent_task_id: 'l',
        scope_path: 'root.for-loop-1',
        type_attributes: { iteration_index: '0' }
      },
      {
        task_id: 't',
        name: 'train',
        type: 'RUNTIME',
        parent_task_id: 'i',
        scope_path: 'root.for-loop-1.train'
      },
      {
        task_id: 'd',
        name: 'train',
        type: 'RUNTIME',
        parent_task_id: 'l',
        scope_path: 'root.for-loop-1.train',
        type_attributes: { iteration_index: '1' }
      }
    ]);
    expect(tasks.map(task => task.scopePath)).toEqual([
      'root',
      'root.for-loop-1',
      'root.for-loop-1.0',
      'root.for-loop-1.0.train',
      'root.for-loop-1.1.train'
    ]);
  });

  it('leaves alone scope paths that have it, and survives nonsense', () => {
    const tasks = tasksFromNative([
      { task_id: 'l', name: 'for-loop-1', type: 'LOOP', scope_path: 'root.for-loop-1' },
      {
        task_id: 'i',
        name: 'for-loop-1',
        type: 'DAG',
        parent_task_id: 'l',
        scope_path: 'root.for-loop-1.0',
        type_attributes: { iteration_index: '0' }
      },
      null,
      'x',
      { name: 'no id' },
      { task_id: 'a', parent_task_id: 'b' },
      { task_id: 'b', parent_task_id: 'a' }
    ]);
    expect(tasks.map(task => task.id)).toEqual(['l', 'i', 'a', 'b']);
    expect(tasks[1]!.scopePath).toBe('root.for-loop-1.0');
  });
});

describe('tasksFromRunDetails', () => {
  const paths = (details: unknown[], pipeline_spec?: unknown): Record<string, string> =>
    Object.fromEntries(
      tasksFromRunDetails({ pipeline_spec, run_details: { task_details: details } }).map(task => [
        task.scopePath,
        task.state
      ])
    );

  it('finds places by parent_task_id', () => {
    const details = [
      { task_id: 'r', display_name: 'root', state: 'RUNNING' },
      { task_id: 't', display_name: 'Train it', parent_task_id: 'r', state: 'SUCCEEDED' },
      { task_id: 'l', display_name: 'for-loop-1', parent_task_id: 'r', state: 'RUNNING' },
      { task_id: 'i', display_name: 'for-loop-1 0', parent_task_id: 'l', state: 'RUNNING' },
      { task_id: 'x', display_name: 'train', parent_task_id: 'i', state: 'FAILED' }
    ];
    expect(paths(details, spec)).toEqual({
      root: 'running',
      'root.train': 'succeeded',
      'root.for-loop-1': 'running',
      'root.for-loop-1.0': 'running',
      'root.for-loop-1.0.train': 'failed'
    });
    const tasks = tasksFromRunDetails({
      pipeline_spec: spec,
      run_details: { task_details: details }
    });
    expect(tasks.map(task => task.kind)).toEqual(['root', 'runtime', 'loop', 'dag', 'runtime']);
    expect(tasks[3]).toMatchObject({ iteration: 0, parentId: 'l' });
    expect(paths(details)['root.for-loop-1.0.train']).toBe('failed');
  });

  it('reads the nodes of an Argo workflow: drivers and executors are pods, not tasks', () => {
    const details = [
      {
        task_id: '1',
        display_name: 'p-abc',
        pod_name: 'p-abc',
        state: 'RUNNING',
        child_tasks: [{ pod_name: 'p-2' }]
      },
      {
        task_id: '2',
        display_name: 'root-driver',
        pod_name: 'p-2',
        state: 'SUCCEEDED',
        child_tasks: [{ pod_name: 'p-3' }]
      },
      {
        task_id: '3',
        display_name: 'root',
        pod_name: 'p-3',
        state: 'RUNNING',
        child_tasks: [{ pod_name: 'p-4' }]
      },
      {
        task_id: '4',
        display_name: 'train-driver',
        pod_name: 'p-4',
        state: 'SUCCEEDED',
        child_tasks: [{ pod_name: 'p-5' }]
      },
      {
        task_id: '5',
        display_name: 'train',
        pod_name: 'p-5',
        state: 'SUCCEEDED',
        child_tasks: [{ pod_name: 'p-6' }]
      },
      {
        task_id: '6',
        display_name: 'executor',
        pod_name: 'p-6',
        state: 'SUCCEEDED',
        child_tasks: [{ pod_name: 'p-7' }]
      },
      {
        task_id: '7',
        display_name: 'for-loop-1-driver',
        pod_name: 'p-7',
        state: 'SUCCEEDED',
        child_tasks: [{ pod_name: 'p-8' }]
      },
      {
        task_id: '8',
        display_name: 'for-loop-1',
        pod_name: 'p-8',
        state: 'RUNNING',
        child_tasks: [{ pod_name: 'p-9' }]
      },
      { task_id: '9', display_name: 'iteration-item(0:0)', pod_name: 'p-9', state: 'RUNNING' }
    ];
    const tasks = tasksFromRunDetails({
      pipeline_spec: spec,
      run_details: { task_details: details }
    });
    expect(tasks.map(task => task.scopePath)).toEqual([
      'root',
      'root.train',
      'root.for-loop-1',
      'root.for-loop-1.0'
    ]);
    expect(tasks[1]!.pods).toEqual([
      { name: 'p-4', type: 'driver' },
      { name: 'p-6', type: 'executor' }
    ]);
  });

  it('takes a skipped executor of a succeeded task for a cached one', () => {
    expect(
      paths(
        [
          { task_id: 't', display_name: 'train', state: 'SUCCEEDED' },
          { task_id: 'e', display_name: 'executor', parent_task_id: 't', state: 'SKIPPED' }
        ],
        spec
      )
    ).toEqual({ 'root.train': 'cached' });
  });

  it.each([
    undefined,
    null,
    {},
    { run_details: {} },
    { run_details: { task_details: [null, {}] } }
  ])('finds no tasks in %j', run => {
    expect(tasksFromRunDetails(run)).toEqual([]);
  });
});
