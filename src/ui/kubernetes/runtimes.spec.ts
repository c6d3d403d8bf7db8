import { firstRuntime, type IRuntime, runtimeOf, sortRuntimes } from './runtimes';

it('tells what a runtime offers', () => {
  const runtime = {
    apiVersion: '',
    kind: '',
    metadata: { name: 'torch', labels: { 'trainer.kubeflow.org/framework': 'torch' } },
    spec: {
      mlPolicy: { numNodes: 2, torch: {} },
      template: {
        spec: {
          replicatedJobs: [
            { name: 'dataset-initializer', template: {} },
            {
              name: 'node',
              template: {
                metadata: { labels: { 'trainer.kubeflow.org/trainjob-ancestor-step': 'trainer' } },
                spec: {
                  template: {
                    spec: {
                      containers: [
                        { name: 'sidecar', image: 'no' },
                        {
                          name: 'node',
                          image: 'yes',
                          resources: { requests: { cpu: 1 }, limits: { 'nvidia.com/gpu': 2 } }
                        }
                      ]
                    }
                  }
                }
              }
            }
          ]
        }
      }
    }
  };
  const found = runtimeOf('ClusterTrainingRuntime', runtime as never);
  expect(found).toMatchObject({
    name: 'torch',
    framework: 'torch',
    nodes: 2,
    image: 'yes',
    asks: ['cpu 1', 'nvidia.com/gpu 2'],
    launcher: 'torchrun',
    builtin: false
  });
  const own = { ...found, kind: 'TrainingRuntime' as const, name: 'z' };
  expect(sortRuntimes([found, own]).map(each => each.name)).toEqual(['z', 'torch']);
});

it('begins with the only runtime, plain Python, or the default of the SDK', () => {
  const named = (name: string, framework: string) => ({ name, framework }) as IRuntime;
  const [jax, torch, plain] = [
    named('jax-distributed', 'jax'),
    named('torch-distributed', 'torch'),
    named('python-distributed', 'python')
  ];
  expect(firstRuntime([jax])).toBe(jax);
  expect(firstRuntime([jax, torch, plain])).toBe(plain);
  expect(firstRuntime([jax, torch])).toBe(torch);
  expect(firstRuntime([jax, named('mine', 'torch')])).toBeUndefined();
  expect(firstRuntime([])).toBeUndefined();
});
