import { fitText, textWidth } from './textFit';

const font = { size: 13, weight: 400, family: 'sans-serif' };

it('leaves alone what fits', () => {
  expect(fitText('train', 200, font, 'middle')).toBe('train');
});

it.each([
  'prepare-customers-of-the-north',
  '训练一个非常大的模型并且评估它的准确率',
  'تحميل البيانات من الجدول الكبير جدا'
])('keeps beginning and end of %s within its room', name => {
  const cut = fitText(name, 100, font, 'middle');
  expect(textWidth(cut, font)).toBeLessThanOrEqual(100);
  const [head, tail] = cut.split('…') as [string, string];
  expect(name.startsWith(head) && name.endsWith(tail)).toBe(true);
  expect(head.length).toBeGreaterThan(0);
  expect(tail.length).toBeGreaterThan(0);
});

it('keeps the beginning of a sentence', () => {
  expect(fitText('no rows in the table of customers', 80, font, 'end')).toMatch(/^no rows.*…$/);
});

it('always leaves a letter', () => {
  expect(fitText('train', 0, font, 'middle')).toBe('t…');
});
