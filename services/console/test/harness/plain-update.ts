import type { Update } from '@meridian/client'

const exact = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return `bigint ${value}`
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) return `number ${value}`
  return value
}

/** An update as plain JSON in which every value still tells its type: what JSON cannot say is written out. */
export const plainUpdate = (update: Update): unknown => JSON.parse(JSON.stringify(update, exact))
