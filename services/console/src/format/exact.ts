import { jsonOf } from '@meridian/msgpack'

/**
 * A value with every digit it has, for where a person decides upon it: what is about to be sent, or what a
 * rounded figure stands for. Numbers have the digits that give the same double again; arrays are whole.
 */
export function exactText(value: unknown): string {
  if (value === null || value === undefined) return '—'
  if (Array.isArray(value)) return `[${value.map(exactText).join(', ')}]`
  if (typeof value !== 'object') return Object.is(value, -0) ? '-0' : String(value)
  return jsonOf(value)
}
