import type { Update } from '@meridian/client'
import { instanceIdOf } from './instance-model.ts'

/** The instance whose names were removed by `pnpm forget`, as an event tells; undefined for all other updates. */
export function forgottenOf({ parts, fields }: Pick<Update, 'parts' | 'fields'>): string | undefined {
  if (parts.class !== 'evt' || parts.csc !== 'Liveness' || parts.topic !== 'forgotten') return undefined
  const { component, index } = fields
  return typeof component === 'string' && typeof index === 'number'
    ? instanceIdOf(component, index)
    : undefined
}
