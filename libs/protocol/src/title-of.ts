import type { ListSchema, NumberSchema, TextSchema, ValueSchema } from './schema.ts'

/** What a shape expects, in words, as the end of "… is not": `a number above 0, at most 3600`. */
export function titleOf(schema: ValueSchema): string {
  if ('anyOf' in schema) return schema.anyOf.map(titleOf).join(' or ')
  switch (schema.type) {
    case 'string':
      return textTitle(schema)
    case 'number':
    case 'integer':
      return numberTitle(schema)
    case 'boolean':
      return 'true or false'
    case 'array':
      return listTitle(schema)
    case 'object':
      return 'a JSON object'
  }
}

function textTitle({ title, enum: values, pattern, minLength = 0, maxLength }: TextSchema): string {
  if (title !== undefined) return title
  if (values !== undefined) return `one of ${values.join(', ')}`
  if (pattern !== undefined) return `text of the form ${pattern}`
  return maxLength === undefined ? 'text' : `text of ${minLength} to ${maxLength} characters`
}

function numberTitle({ type, enum: values, minimum, exclusiveMinimum, maximum }: NumberSchema): string {
  if (values !== undefined) return `one of ${values.join(', ')}`
  const bounds = [
    minimum === undefined ? [] : `at least ${minimum}`,
    exclusiveMinimum === undefined ? [] : `above ${exclusiveMinimum}`,
    maximum === undefined ? [] : `at most ${maximum}`
  ].flat()
  return `${type === 'integer' ? 'a whole number' : 'a number'} ${bounds.join(', ')}`.trimEnd()
}

const listTitle = ({ minItems = 0, maxItems }: ListSchema): string =>
  maxItems === undefined ? 'a list' : `a list of ${minItems} to ${maxItems} items`
