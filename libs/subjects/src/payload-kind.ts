import { classOf } from './class-traits.ts'
import { forms } from './subject-table.ts'

const payloads = new Map(forms.map(form => [form.class, form.row.payload]))

/**
 * What the messages of a subject are; undefined for a class that is not ours. Costs a look-up, so it may be
 * asked per message.
 */
export const payloadKindOf = (subject: string): 'sample' | 'json' | 'raw' | undefined =>
  payloads.get(classOf(subject))
