import type { EnumerationItem } from '../model.ts'
import type { EnumerationSource } from './sources.ts'

const NAME = /^[A-Za-z0-9_]+$/
const NUMBER = /^(-?\d+|0[xX][0-9a-fA-F]+)$/

/**
 * Parses a global list: `Class_ITEM, Class_ITEM` or `Class_ITEM=value`. Throws an Error that says what is
 * wrong.
 */
export function parseEnumeration(text: string): EnumerationSource {
  const items = parseItems(text)
  const prefixes = new Set(items.map(item => item.name.split('_')[0]))
  const [name] = prefixes
  if (prefixes.size > 1) throw new Error(`several classes in one list: ${[...prefixes].join(', ')}`)
  if (!name || items.some(item => !item.name.includes('_')))
    throw new Error('items are not of the form Class_ITEM')
  return { name, items: items.map(item => ({ ...item, name: item.name.slice(name.length + 1) })) }
}

/** Parses a list inside a field. The class is optional; without one the list is named after the field. */
export function parseLocalEnumeration(text: string, field: string): EnumerationSource {
  const items = parseItems(text)
  const repeated = items.every(item => item.name.startsWith(`${field}_`))
  const bare = repeated ? items.map(item => ({ ...item, name: item.name.slice(field.length + 1) })) : items
  const prefix = commonClass(bare)
  if (prefix === undefined) return { name: field, items: bare }
  return { name: prefix, items: bare.map(item => ({ ...item, name: item.name.slice(prefix.length + 1) })) }
}

/** The common text before the first `_`, where it looks like a class: `CSys` of `CSys_ICRS, CSys_Mount`. */
function commonClass(items: readonly EnumerationItem[]): string | undefined {
  const prefix = items[0]?.name.split('_')[0] ?? ''
  const common = items.every(
    item => item.name.startsWith(`${prefix}_`) && item.name.length > prefix.length + 1
  )
  return common && /[a-z]/.test(prefix) && items.length > 1 ? prefix : undefined
}

function parseItems(text: string): EnumerationItem[] {
  const parts = text.split(',').map(part => part.split('=').map(side => side.trim()))
  const valued = parts.filter(part => part.length > 1).length
  if (valued > 0 && valued < parts.length) throw new Error('some items have a value and some have none')
  const items = parts.map(([name = '', value, ...rest], at) => {
    if (!NAME.test(name)) throw new Error(`'${name}' is not the name of an item`)
    if (value === undefined) return { name, value: at + 1 }
    if (!NUMBER.test(value) || rest.length > 0)
      throw new Error(`'${[value, ...rest].join('=')}' of ${name} is not a whole number`)
    return { name, value: /^0x/i.test(value) ? Number(value) : Number.parseInt(value, 10) }
  })
  const names = items.map(item => item.name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new Error(`item ${twice} appears twice`)
  return items
}
