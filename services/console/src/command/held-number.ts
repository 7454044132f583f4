/** Digits that tell any two floats of 32 bits apart. */
const FLOAT_DIGITS = 9

/** The shortest text that a float of 32 bits is written as. */
function floatText(value: number): string {
  const held = Math.fround(value)
  for (let digits = 1; digits < FLOAT_DIGITS; digits++) {
    const text = held.toPrecision(digits)
    if (Math.fround(Number(text)) === held) return String(Number(text))
  }
  return String(Number(held.toPrecision(FLOAT_DIGITS)))
}

/** A finite number as a `double` or a `float` holds it; whole numbers have all their digits. */
export function heldText(type: string, value: number): string {
  const held = type === 'float' ? Math.fround(value) : value
  if (Number.isInteger(held)) return String(BigInt(held))
  return type === 'float' ? floatText(value) : String(value)
}

/** Sign, digits without zeros at either end, and the power of ten of a decimal. */
function partsOf(text: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  if (kept === '') return '0'
  return `${sign === '-' ? '-' : ''}${kept}e${Number(power) - fraction.length + digits.length - kept.length}`
}

/** True where two texts are the same decimal number, however they are written. */
export const isSameDecimal = (a: string, b: string): boolean => partsOf(a) === partsOf(b)
