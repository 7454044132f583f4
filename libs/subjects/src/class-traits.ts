import { forms } from './subject-table.ts'

const rows = /* @__PURE__ */ new Map(forms.map(form => [form.class, form.row]))

/** The first token of a subject or pattern; empty where there is no dot. */
export const classOf = (subject: string): string => subject.slice(0, Math.max(0, subject.indexOf('.')))

/** What the messages of a subject are; undefined for a class that is not ours. Costs a look-up, so it may be asked per message. */
export const payloadOf = (subject: string): 'sample' | 'json' | 'raw' | undefined =>
  rows.get(classOf(subject))?.payload

/** What a subscription to a pattern gets that asks for no quality: `all` unless every subject under it prefers `latest`. */
export const defaultQualityOf = (pattern: string): 'latest' | 'all' =>
  rows.get(classOf(pattern))?.quality ?? 'all'
