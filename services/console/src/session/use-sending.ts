import type { WireError } from '@meridian/errors'
import { useState } from 'preact/hooks'
import { wireErrorOf } from '../api.ts'

/** A request that a form sends: what became of the last one. */
export interface Sending {
  readonly isBusy: boolean
  readonly error: WireError | undefined
  /** Sends, one at a time; what is asked for meanwhile is left out. Resolves true once it was done. */
  send(work: () => Promise<unknown>): Promise<boolean>
}

/** The requests of one form: one at a time, with its refusal as a sentence. */
export function useSending(): Sending {
  const [state, setState] = useState<Omit<Sending, 'send'>>({ isBusy: false, error: undefined })
  return {
    ...state,
    async send(work) {
      if (state.isBusy) return false
      setState({ isBusy: true, error: undefined })
      try {
        await work()
        setState({ isBusy: false, error: undefined })
        return true
      } catch (caught) {
        setState({ isBusy: false, error: wireErrorOf(caught) })
        return false
      }
    }
  }
}

/** The text of a field of a form that was sent. */
export const fieldOf = (form: HTMLFormElement, name: string): string => {
  const value = new FormData(form).get(name)
  return typeof value === 'string' ? value : ''
}
