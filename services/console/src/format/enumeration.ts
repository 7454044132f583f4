/** One enumeration, as `GET /api/catalogue/<CSC>` has it. */
export interface EnumerationLike {
  readonly items: ReadonlyArray<{ readonly name: string; readonly value: number | string }>
  readonly bitmask?: boolean
}

const nameOf = (enumeration: EnumerationLike, value: unknown): string | undefined =>
  enumeration.items.find(item => item.value === value || String(item.value) === String(value))?.name

const bitsOf = (enumeration: EnumerationLike, value: number): string =>
  enumeration.items
    .filter(({ value: bit }) => typeof bit === 'number' && bit !== 0 && (value & bit) === bit)
    .map(item => item.name)
    .join(' + ')

/** `TRACKING (3)`; the bare number, marked, where the list does not know it. */
export function enumerationText(enumeration: EnumerationLike, value: unknown): string {
  if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'bigint')
    return String(value)
  const name = nameOf(enumeration, value)
  if (name !== undefined) return name === String(value) ? name : `${name} (${value})`
  if (enumeration.bitmask && typeof value === 'number')
    return `${bitsOf(enumeration, value) || 'none'} (${value})`
  return `? (${value})`
}
