/** One enumeration, as `GET /api/catalogue/<CSC>` has it. */
export interface EnumerationLike {
  readonly items: ReadonlyArray<{ readonly name: string; readonly value: number | string }>
  readonly bitmask?: boolean
}

const nameOf = (enumeration: EnumerationLike, value: unknown): string | undefined =>
  enumeration.items.find(item => item.value === value || String(item.value) === String(value))?.name

/** The value as bits, of any width; undefined for what has none. */
function bitsOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined
}

/** Names of the bits that are set, and of those that the list does not know together. */
function namesOfBits({ items }: EnumerationLike, value: bigint): string {
  let rest = value
  const names: string[] = []
  for (const { name, value: listed } of items) {
    const bit = bitsOf(listed)
    if (bit === undefined || bit === 0n || (value & bit) !== bit) continue
    names.push(name)
    rest &= ~bit
  }
  return [...names, ...(rest === 0n ? [] : [`unknown bits ${rest}`])].join(' + ') || 'none'
}

/** `TRACKING (3)`; a number that the list does not know is said to be unknown. */
export function enumerationText(enumeration: EnumerationLike, value: unknown): string {
  if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'bigint')
    return String(value)
  const name = nameOf(enumeration, value)
  if (name !== undefined) return name === String(value) ? name : `${name} (${value})`
  const bits = enumeration.bitmask ? bitsOf(value) : undefined
  return bits === undefined
    ? `unknown enumeration value ${value}`
    : `${namesOfBits(enumeration, bits)} (${value})`
}
