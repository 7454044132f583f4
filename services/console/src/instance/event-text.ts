import type { ComponentSpec, FieldSpec } from '../catalogue.ts'
import { unitsText } from '../format/value.ts'
import { fieldText } from './field-text.ts'

const plain = (name: string): FieldSpec => ({ name, type: 'string', count: 1, units: '' })

function pairText(component: ComponentSpec | undefined, spec: FieldSpec, value: unknown): string {
  const units = unitsText(Array.isArray(value) ? value[0] : value, spec)
  return `${spec.name}=${fieldText(component, spec, value)}${units === '' ? '' : ` ${units}`}`
}

/** An event in one line: the message of a log message, else its fields with units and meanings. */
export function topicTextOf(
  component: ComponentSpec | undefined,
  topic: string,
  fields: Readonly<Record<string, unknown>>
): string {
  if (topic === 'logMessage') {
    const trace =
      typeof fields['traceback'] === 'string' && fields['traceback'] !== '' ? ' (with traceback)' : ''
    return `${String(fields['message'] ?? '')}${trace}`
  }
  if (topic === 'errorCode')
    return `${String(fields['errorCode'])} ${String(fields['errorReport'] ?? '')}`.trim()
  const specs = component?.events.find(event => event.name === topic)?.fields ?? []
  return Object.entries(fields)
    .map(([name, value]) => pairText(component, specs.find(spec => spec.name === name) ?? plain(name), value))
    .join('  ')
}
