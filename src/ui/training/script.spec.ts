import {
  functionScript,
  nodeFile,
  pythonLiteral,
  pythonString,
  readScript,
  scriptCommand
} from './script';

describe('scriptCommand', () => {
  it('writes the file, starts it and leaves the arguments to it', () => {
    expect(scriptCommand({ file: 'train.py', launcher: 'python', text: 'print(1)\n' })).toEqual([
      'bash',
      '-c',
      `cat > "train.py" << 'EOM'\nprint(1)\nEOM\nexec python "train.py" "$@"`,
      'train.py'
    ]);
  });

  it('starts by the convention of the runtime', () => {
    const torch = scriptCommand({ file: 'a.py', launcher: 'torchrun', text: '' });
    expect(torch[2]).toMatch(/exec torchrun "a.py" "\$@"$/);
    const mpi = scriptCommand({ file: 'a.py', launcher: 'mpirun', text: '' });
    expect(mpi.slice(0, 5)).toEqual(['mpirun', '--hostfile', '/etc/mpi/hostfile', 'bash', '-c']);
    expect(mpi[5]).toMatch(/exec python "\/home\/mpiuser\/a.py" "\$@"$/);
  });

  it('keeps what Kubernetes would expand', () => {
    const [, , shell] = scriptCommand({
      file: 'a.py',
      launcher: 'python',
      text: 'a = "$(HOME) $HOME $$ $$(X)"'
    });
    expect(shell).toContain('"$$(HOME) $HOME $$$$ $$$$(X)"');
  });

  it.each([
    ['\n', 'python'],
    ['x = 1\n', 'torchrun'],
    ['x = 1\n\n', 'mpirun'],
    ['EOM\nEOM1\n', 'python'],
    ['EOM\nexec python "train.py" "$@"\n', 'python'],
    ['a = "$(A) $$ $$$(B)$"\n`c` \\ \'EOM\'\n', 'python'],
    ['\t\u00e4\u4e2d\u{1f600}\r\n', 'python']
  ] as const)('is read again: %j by %s', (text, launcher) => {
    const script = { file: 'train.py', launcher, text };
    expect(readScript(scriptCommand(script))).toEqual(script);
  });

  it.each([
    [[]],
    [['python', 'train.py']],
    [['bash', '-c', 'cat > "a.py" << \'EOM\'\n1\nEOM\nexec python "b.py" "$@"', 'a.py']],
    [['bash', '-c', 'cat > "a.py" << \'EOM\'\n1\nEOM\nexec python "a.py" "$@"']],
    [['bash', '-c', 'cat > "a.py" << \'EOM\'\n$(X)\nEOM\nexec python "a.py" "$@"', 'a.py']]
  ])('reads no script from another command: %j', command => {
    expect(readScript(command)).toBeUndefined();
  });
});

it('names the file on the node', () => {
  expect(nodeFile('my work (2).ipynb')).toBe('my-work-2.py');
  expect(nodeFile('train.py')).toBe('train.py');
  expect(nodeFile('$(x)"')).toBe('x.py');
  expect(nodeFile('中')).toBe('train.py');
  expect(nodeFile('..py')).toBe('train.py');
});

it('calls a function with its arguments', () => {
  const call = new Map([
    ['lr', '1.0'],
    ["it's", "'a'"]
  ]);
  expect(functionScript('def train(lr): ...\n', 'train', call)).toBe(
    `def train(lr): ...\n\ntrain(**{'lr': 1.0, "it's": 'a'})\n`
  );
  expect(functionScript('def train(): ...', 'train', new Map())).toBe(
    'def train(): ...\n\ntrain()\n'
  );
});

it('writes JSON as Python', () => {
  expect(pythonLiteral({ a: [1, -0.5, 1e30, true, false, null], "b'": 'x\n' })).toBe(
    `{'a': [1, -0.5, 1e+30, True, False, None], "b'": 'x\\n'}`
  );
  expect(pythonLiteral(2, true)).toBe('2.0');
  expect(pythonLiteral(1e30, true)).toBe('1e+30');
});

it('escapes strings', () => {
  expect(pythonString('a\\b')).toBe("'a\\\\b'");
  expect(pythonString(`'"`)).toBe(`'\\'"'`);
  expect(pythonString('\u0000\u0085\u202e\u2028\ud800')).toBe("'\\x00\\x85\\u202e\\u2028\\ud800'");
  expect(pythonString('äöü 中 \u{1f600}')).toBe("'äöü 中 \u{1f600}'");
});
