import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** Gives the focus to the field that a page begins with. */
export function useFocus(): RefObject<HTMLInputElement | null> {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  return field
}
