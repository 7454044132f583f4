import type { Facts } from '../facts.ts'

/**
 * Formats a facts file with one line per table and per component, so that a diff of two files is readable.
 */
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
