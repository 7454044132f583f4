import { forms, type SubjectName, type SubjectValues, valueNameOf } from './subject-table.ts'

/**
 * A subject of a row from its values, unchecked: for who sends it to a gateway or broker that checks. Everybody else uses the builders,
 * which throw.
 */
export const joinSubject = <Name extends SubjectName>(name: Name, values: SubjectValues<Name>): string =>
  joinTokens(name, value => (values as Readonly<Record<string, unknown>>)[value])

/** The tokens of a row's form joined, with what `fill` gives for each value; the first undefined ends it. */
export function joinTokens(name: SubjectName, fill: (value: string) => unknown): string {
  const texts: unknown[] = []
  for (const token of forms.find(form => form.name === name)?.tokens ?? []) {
    const value = valueNameOf(token)
    const text = value === undefined ? token : fill(value)
    if (text === undefined) break
    texts.push(text)
  }
  return texts.join('.')
}
