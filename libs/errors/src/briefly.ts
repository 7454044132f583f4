const MAX_LENGTH = 60
const MAX_LEVELS = 4

/**
 * A value as it may stand in an error: as JSON, texts in single quotes, cut to 60 characters. Takes whatever
 * was decoded: what JSON has no form for is written as JavaScript does, and deep nesting is left out.
 */
export function briefly(value: unknown): string {
  const text = typeof value === 'string' ? `'${value.slice(0, 80)}'` : textOf(value, MAX_LEVELS)
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 3)}...` : text
}

function textOf(value: unknown, levels: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MAX_LENGTH))
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${levels === 0 ? '...' : itemsOf(value, levels)}]`
  return `{${levels === 0 ? '...' : propertiesOf(value, levels)}}`
}

/** No more than the cut leaves to be seen. */
const itemsOf = (list: readonly unknown[], levels: number): string =>
  list
    .slice(0, MAX_LENGTH)
    .map(item => textOf(item, levels - 1))
    .join(',')

const propertiesOf = (object: object, levels: number): string =>
  Object.entries(object)
    .slice(0, MAX_LENGTH)
    .map(([name, item]) => `${JSON.stringify(name.slice(0, MAX_LENGTH))}:${textOf(item, levels - 1)}`)
    .join(',')
