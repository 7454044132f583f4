import type { Fields } from '@meridian/msgpack'

/** Reads fields that anybody may have sent: what is absent or of another type reads as SAL's default. */
export interface SalFields {
  integer(name: string): number
  real(name: string): number
  text(name: string): string
  boolean(name: string): boolean
  /** The integers of an array, as far as they are ones. */
  integers(name: string): readonly number[]
}

/** An integer as it is; 0, SAL's default, for everything else. */
const integerOf = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : 0

/** Reads these fields by name, each as the type that is asked for. */
export function fieldsOf(fields: Readonly<Fields>): SalFields {
  return {
    integer: name => integerOf(fields[name]),
    real: name => (typeof fields[name] === 'number' ? fields[name] : 0),
    text: name => (typeof fields[name] === 'string' ? fields[name] : ''),
    boolean: name => fields[name] === true,
    integers: name => (Array.isArray(fields[name]) ? fields[name].map(integerOf) : [])
  }
}
