import { type Form, forms, type SubjectName, type SubjectValues } from './subject-table.ts'

/**
 * A subject of a row from its values, unchecked: for who sends it to a gateway or broker that checks.
 * Everybody else uses the builders, which throw.
 */
export const joinSubject = <Name extends SubjectName>(name: Name, values: SubjectValues<Name>): string =>
  joinTokens(name, value => (values as Readonly<Record<string, unknown>>)[value])

/** The row of the subject table with this name. */
export const formNamed = (name: SubjectName): Form => forms.find(form => form.name === name) as Form

/** The first tokens of a row's form, or all, joined by dots, with what `fill` gives for each value. */
export function joinTokens(name: SubjectName, fill: (value: string) => unknown, length?: number): string {
  const { tokens, names } = formNamed(name)
  return names
    .slice(0, length)
    .map((value, at) => (value === undefined ? tokens[at] : fill(value)))
    .join('.')
}
