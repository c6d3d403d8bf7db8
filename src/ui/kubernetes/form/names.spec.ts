import { newName, stemOf } from './names';

it('says what the object is for', () => {
  const first = () => 0;
  expect(newName('work/Train Digits.ipynb', 'train', first)).toBe('train-digits-bbbbb');
  expect(newName('RTC:a/b_c.py', 'train', first)).toBe('b-c-bbbbb');
  expect(newName('', 'train', first)).toBe('train-bbbbb');
  expect(newName('中.py', 'train', first)).toBe('train-bbbbb');
  expect(newName('a'.repeat(90), 'train', first)).toHaveLength(33);
  expect(stemOf(newName('digits', 'train'))).toBe('digits');
});
