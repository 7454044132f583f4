import { signal } from '@preact/signals'
import { recall, remember } from '../remembered.ts'

const KEY = 'timestamps'

/**
 * True for a field that says only when other fields were measured: `timestamp`, `actualPositionTimestamp`,
 * `cRIO_timestamp`.
 */
export const isTimestamp = (name: string): boolean => /timestamps?$/i.test(name)

/** True for a search that means them: it brings them out even while they are hidden. */
export const seeksTimestamps = (search: string): boolean => /stamp/i.test(search)

/** True while the table shows such fields. They fill half of it and are seldom read, so it begins without. */
export const timestampsShown = signal(recall('browser', KEY) === true)

/** Shows or hides them and remembers that in this browser. */
export function showTimestamps(shown: boolean): void {
  timestampsShown.value = shown
  remember('browser', KEY, shown)
}
