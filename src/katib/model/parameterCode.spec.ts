import { parameterCode } from './parameterCode';
import type { IParameter } from './study';

const parameters: IParameter[] = [
  { name: 'lr', type: 'double', log: true },
  { name: 'layers', type: 'int', log: false },
  { name: 'width', type: 'categorical', choices: ['8', '16'], log: false }
];

describe('parameters as Python', () => {
  it('assigns numbers as they are written and the others as texts', () => {
    const values = { lr: '1e-4', layers: '03', width: '16', other: '-0.5', name: 'a "b" \\ c' };
    expect(parameterCode(values, parameters, 'Parameters of the\ntrial a')).toBe(
      [
        '# Parameters of the trial a',
        'lr = 1e-4',
        'layers = 3',
        'width = "16"',
        'other = -0.5',
        'name = "a \\"b\\" \\\\ c"'
      ].join('\n')
    );
  });

  it.each(['learning-rate', '--lr', '1st', 'lambda', ''])(
    'writes a dictionary where a name is %j',
    name => {
      expect(parameterCode({ [name]: '0.1', layers: '2' }, parameters, 'a')).toBe(
        `# a\nparameters = {\n    "${name}": 0.1,\n    "layers": 2,\n}`
      );
    }
  );
});
