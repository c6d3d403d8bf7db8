/** Kubernetes' quantities: `500m`, `1Gi`, `0.5`, `2e3` (`k8s.io/apimachinery/pkg/api/resource`). */

const FORM = /^([+-]?(?:\d+\.?\d*|\.\d+))([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;
const POWERS: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18
};

/** The number that a quantity stands for; undefined for what is none. */
export function amountOf(quantity: string | number | undefined): number | undefined {
  const [, number, unit = ''] = FORM.exec(String(quantity ?? '')) ?? [];
  if (number === undefined) {
    return undefined;
  }
  if (/^[eE]./.test(unit) && unit !== 'Ei') {
    return Number(number + unit);
  }
  if (unit.endsWith('i')) {
    return Number(number) * 1024 ** ('KMGTPE'.indexOf(unit[0]!) + 1);
  }
  return Number(unit ? `${number}e${POWERS[unit]}` : number);
}
