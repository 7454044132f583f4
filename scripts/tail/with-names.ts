import type { Catalogue } from '@meridian/catalogue'
import { parseSubject } from '@meridian/subjects'

interface Line {
  readonly subject: string
  readonly fields?: Readonly<Record<string, unknown>>
}

/**
 * A line of JSON with the names of enumerations in the place of their numbers, `EnabledState` for 2, where the
 * catalogue knows topic and value; any other line as it is.
 */
export function withNames(catalogue: Catalogue, line: string): string {
  const { fields, ...rest } = JSON.parse(line) as Line
  const meaningOf = meaningsOf(catalogue, rest.subject)
  if (fields === undefined || meaningOf === undefined) return line
  const named = Object.entries(fields).map(([name, value]) => [name, meaningOf(name, value) ?? value])
  return JSON.stringify({ ...rest, fields: Object.fromEntries(named) })
}

function meaningsOf(catalogue: Catalogue, text: string) {
  const subject = parseSubject(text)
  if (!('csc' in subject && 'topic' in subject)) return undefined
  const component = catalogue.component(subject.csc)
  const topics = subject.class === 'tel' ? component?.telemetry : component?.events
  const fields = topics?.get(subject.topic)?.fields
  return (name: string, value: unknown): string | undefined => {
    const enumeration = fields?.find(field => field.name === name)?.enumeration
    if (enumeration === undefined) return undefined
    return component?.enumerations.get(enumeration)?.items.find(item => item.value === value)?.name
  }
}
