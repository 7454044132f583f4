const UNITS: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40
}

/** The number that a quantity of Kubernetes means, `250m` is 0.25 and `1Ki` 1024; NaN where it is none. */
export function readQuantity(text: string | number | undefined): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(String(text)) ?? []
  const factor = UNITS[unit]
  return digits === undefined || factor === undefined ? Number.NaN : Number(digits) * factor
}
