/** A value as it may stand in an error: as JSON, texts in single quotes, cut to 60 characters. */
export function briefly(value: unknown): string {
  const text =
    typeof value === 'string' ? `'${value.slice(0, 80)}'` : (JSON.stringify(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
