import type { Facts } from '../facts.ts'

/** The text of a facts file: a line per table and per component, so that a difference between two files can be read. */
export function formatFacts(facts: Facts): string {
  const { components, ...tables } = facts
  const lines = Object.entries(tables).map(
    ([name, table]) => `${JSON.stringify(name)}:${JSON.stringify(table)}`
  )
  const rows = Object.entries(components).map(
    ([name, row]) => `${JSON.stringify(name)}:${JSON.stringify(row)}`
  )
  return `{${lines.join(',\n')},\n"components":{\n${rows.join(',\n')}\n}}\n`
}
