import { scriptCommand } from '../../ui/training/script';
import { newStudy, readDraft, writeDraft } from './model';
import { sdkCode } from './sdkCode';

const STUDY = newStudy('Experiment', 'digits-abcde', 'team');
const CODE = { file: 'train.py', launcher: 'python' as const, text: "print('a=1')\n" };

describe('sdkCode', () => {
  it('makes the object with a new name each time', () => {
    const of = writeDraft('Experiment', STUDY, {
      ...readDraft('Experiment', STUDY),
      code: { kind: 'script', script: CODE }
    });
    const code = sdkCode(of, {
      kind: 'Experiment',
      named: false,
      connection: { kind: 'local', name: 'local' }
    });
    expect(code).toContain("'name': f'digits-{token_hex(2)}'");
    expect(code).toContain('from jupyterlab_kubeflow.local import process\n');
    expect(code).toContain("'command': ['bash', '-c', script, 'train.py']");
    expect(code).toContain(`    "print('a=1')\\n"\n`);
    expect(code).toContain("'kubeflow.org', 'v1beta1', 'team', 'experiments', experiment");
    expect(code).toContain('config.load_kube_config(process.start().kubeconfig)');
    expect(scriptCommand(CODE)).toHaveLength(4);
  });

  it('keeps a name that was chosen, and the context of a cluster', () => {
    const of = newStudy('OptimizationJob', 'mine', 'team');
    const code = sdkCode(of, {
      kind: 'OptimizationJob',
      named: true,
      connection: { kind: 'kubeconfig', name: 'prod' }
    });
    expect(code).toContain("'name': 'mine'");
    expect(code).toContain("config.load_kube_config(context='prod')");
    expect(code).toContain("'trainer.kubeflow.org', 'v1alpha1', 'team', 'optimizationjobs'");
  });
});
