import { execFileSync } from 'child_process';

import { versionCode } from './sdkCode';

it.each(['digits', 'it\'s "quoted" \\ here', 'نموذج\n😀'])('names %j in Python as it is', name => {
  const code = versionCode(name, 'v1').replace(/^.*import sdk$/m, '');
  const probe = [
    'import json, types',
    'asked = []',
    'find = lambda *names: asked.append(names) or types.SimpleNamespace(uri="s3://b/k")',
    'sdk = types.SimpleNamespace(connect_registry=lambda: types.SimpleNamespace(get_model_version=find, get_model_artifact=find))',
    code,
    'print(json.dumps(asked))'
  ].join('\n');
  const printed = execFileSync('python3', ['-c', probe], { encoding: 'utf8' });
  expect(JSON.parse(printed)).toEqual([
    [name, 'v1'],
    [name, 'v1']
  ]);
});
