import { badParameter } from './bad-request.ts'

/** What a parameter that is a list may hold at most. */
export interface ListLimits {
  readonly items: number
  /** Characters of an item. */
  readonly characters: number
}

/**
 * The items of a parameter of the query that is a list: separated by commas, and it may be repeated. Throws
 * NET_BAD_REQUEST that names it where an item is empty, or where there is too much.
 */
export function readListParameter(
  name: string,
  came: string | readonly string[],
  { items: most, characters }: ListLimits
): readonly string[] {
  const items = [came].flat().flatMap(text => text.split(','))
  if (items.length > most)
    throw badParameter({ name, came: `has ${items.length} items`, expected: `at most ${most}` })
  for (const { length } of items) {
    if (length === 0)
      throw badParameter({ name, came: 'has an empty item', expected: 'items separated by commas' })
    if (length > characters)
      throw badParameter({
        name,
        came: `has an item of ${length} characters`,
        expected: `at most ${characters}`
      })
  }
  return items
}
