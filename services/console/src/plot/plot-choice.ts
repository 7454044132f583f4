import { recall, remember } from '../remembered.ts'
import { type FieldRef, isFieldRef } from './field-ref.ts'

/** What a person chose to see in the plot of one instance; what is absent was left as it began. */
export interface PlotChoice {
  readonly fields?: readonly FieldRef[]
  readonly spanSeconds?: number
}

const nameOf = (id: string): string => `plot.${id}`

/** The choice made in this tab before; what does not look like one counts for nothing. */
export function recallChoice(id: string): PlotChoice {
  const { fields, spanSeconds } = (recall('tab', nameOf(id)) ?? {}) as Record<string, unknown>
  return {
    ...(Array.isArray(fields) && fields.every(isFieldRef) && { fields }),
    ...(typeof spanSeconds === 'number' && spanSeconds > 0 && { spanSeconds })
  }
}

/** Remembers the choice for this tab, so that a way out and back, or a reload, finds it again. */
export const rememberChoice = (id: string, choice: PlotChoice): void => remember('tab', nameOf(id), choice)
