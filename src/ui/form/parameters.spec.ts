import { nullTranslator } from '@jupyterlab/translation';

import type { IParameter, ParameterType } from './parameters';
import { defaultRunName, parameterText, validateParameter } from './parameters';

const trans = nullTranslator.load('');

function read(type: ParameterType, text: string, rest: Partial<IParameter> = {}) {
  return validateParameter({ name: 'lr', type, required: true, ...rest }, text, trans);
}

describe('validateParameter', () => {
  it.each<[ParameterType, string, unknown]>([
    ['STRING', "it's “ünï” \n two lines", "it's “ünï” \n two lines"],
    ['STRING', ' spaces stay ', ' spaces stay '],
    ['NUMBER_INTEGER', '-7', -7],
    ['NUMBER_INTEGER', ' 10 ', 10],
    ['NUMBER_DOUBLE', '-0.5', -0.5],
    ['NUMBER_DOUBLE', '1e-3', 0.001],
    ['NUMBER_DOUBLE', '.5', 0.5],
    ['NUMBER_DOUBLE', '3', 3],
    ['BOOLEAN', 'true', true],
    ['BOOLEAN', 'false', false],
    ['LIST', '[1, "two", [3]]', [1, 'two', [3]]],
    ['STRUCT', '{"depth": {"max": 3}}', { depth: { max: 3 } }]
  ])('reads %s %j', (type, text, value) => {
    expect(read(type, text)).toEqual({ value });
  });

  it.each<[ParameterType, string, string]>([
    ['NUMBER_INTEGER', '1.5', 'Parameter *lr* must be a whole number, for example 10.'],
    ['NUMBER_INTEGER', '0x10', 'Parameter *lr* must be a whole number, for example 10.'],
    [
      'NUMBER_INTEGER',
      '12345678901234567890',
      'Parameter *lr* must lie between -9007199254740991 and 9007199254740991.'
    ],
    ['NUMBER_DOUBLE', 'fast', 'Parameter *lr* must be a number, for example 0.01.'],
    ['NUMBER_DOUBLE', '0,01', 'Parameter *lr* must be a number, for example 0.01.'],
    ['NUMBER_DOUBLE', 'Infinity', 'Parameter *lr* must be a number, for example 0.01.'],
    ['NUMBER_DOUBLE', '1e999', 'Parameter *lr* must be a number, for example 0.01.'],
    ['BOOLEAN', 'yes', 'Parameter *lr* must be true or false.'],
    ['LIST', '{"a": 1}', 'Parameter *lr* must be a JSON list, for example [1, "two"].'],
    ['LIST', '[1,', 'Parameter *lr* must be a JSON list, for example [1, "two"].'],
    ['STRUCT', '[1]', 'Parameter *lr* must be a JSON object, for example {"depth": 3}.'],
    ['STRUCT', 'null', 'Parameter *lr* must be a JSON object, for example {"depth": 3}.']
  ])('refuses %s %j', (type, text, error) => {
    expect(read(type, text)).toEqual({ error });
  });

  it('asks for a value that is required and leaves an optional one out', () => {
    expect(read('NUMBER_DOUBLE', ' ')).toEqual({ error: 'Parameter *lr* needs a value.' });
    expect(read('STRING', '')).toEqual({ error: 'Parameter *lr* needs a value.' });
    expect(read('LIST', '', { required: false })).toEqual({ value: undefined });
    expect(read('STRING', '', { required: false })).toEqual({ value: undefined });
  });

  it('takes an emptied string that has a default as the empty string', () => {
    expect(read('STRING', '', { required: false, default: 'a' })).toEqual({ value: '' });
  });

  it('leaves a default that JavaScript cannot hold exactly to the pipeline', () => {
    const inexact = Number('12345678901234567890');
    const text = parameterText('NUMBER_INTEGER', inexact);
    expect(read('NUMBER_INTEGER', text, { default: inexact })).toEqual({ value: undefined });
  });
});

describe('parameterText', () => {
  it.each<[ParameterType, unknown]>([
    ['STRING', 'plain'],
    ['NUMBER_INTEGER', -3],
    ['NUMBER_DOUBLE', 1e-7],
    ['BOOLEAN', false],
    ['LIST', Array.from({ length: 40 }, (_, index) => index)],
    ['STRUCT', { name: 'ünï', nested: { list: [1, 2] } }]
  ])('writes what validateParameter reads: %s', (type, value) => {
    expect(read(type, parameterText(type, value))).toEqual({ value });
  });
});

describe('defaultRunName', () => {
  it('says what ran when', () => {
    expect(defaultRunName('digits', new Date(2026, 10, 20, 2, 47))).toBe('digits-2026-11-20-0247');
  });
});
