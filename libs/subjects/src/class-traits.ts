import { forms } from './subject-table.ts'

/** The first token of a subject or pattern; empty where there is no dot. */
export const classOf = (subject: string): string => subject.slice(0, Math.max(0, subject.indexOf('.')))

/** The tokens of a subject or pattern, still encoded; an empty text has one, which is empty. */
export const tokensOf = (subject: string): string[] => subject.split('.')

/**
 * What a subscription to a pattern gets that asks for no quality: `all` unless every subject under it prefers
 * `latest`.
 */
export function defaultQualityOf(pattern: string): 'latest' | 'all' {
  const first = classOf(pattern)
  return forms.find(form => form.class === first)?.row.quality ?? 'all'
}
