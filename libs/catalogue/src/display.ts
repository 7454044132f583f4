/** Parses `topic.field` or `topic.field[2]` into topic, field and element. */
export function parseFirstField(text: string): { readonly topic: string; readonly field: string } {
  const dot = text.indexOf('.')
  return { topic: text.slice(0, dot), field: text.slice(dot + 1).replace(/\[\d+\]$/, '') }
}
