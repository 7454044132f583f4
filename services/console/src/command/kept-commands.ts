import { isObject } from '@meridian/protocol/commands'
import { preciseTextOf } from '../format/stamp.ts'
import { recall, remember } from '../remembered.ts'
import { askedAt, type CommandEntry, STATE_LABELS, stateOf } from './command-entry.ts'

/** A command as this tab keeps it, with the time it was first kept by the machine's own clock, ms. */
interface Kept {
  readonly sentMs: number
  readonly entry: CommandEntry
}

const KEY = 'commands'
const KEPT = 50
const KEPT_MS = 3_600_000

const isStep = (value: unknown): boolean =>
  isObject(value) && typeof value['state'] === 'string' && Object.hasOwn(STATE_LABELS, value['state'])

const isEntry = (value: unknown): boolean =>
  isObject(value) &&
  [value['id'], value['target'], value['command']].every(text => typeof text === 'string') &&
  isObject(value['params']) &&
  Array.isArray(value['steps']) &&
  value['steps'].length > 0 &&
  value['steps'].every(isStep)

const isKept = (value: unknown): value is Kept =>
  isObject(value) && typeof value['sentMs'] === 'number' && isEntry(value['entry'])

function kept(): readonly Kept[] {
  const held = recall('tab', KEY)
  return Array.isArray(held) ? held.filter(isKept) : []
}

/** Keeps the newest 50 commands of this tab, so that they are there after a reload; newest first. */
export function keepCommands(entries: readonly CommandEntry[], nowMs = Date.now()): void {
  const sentMs = new Map(kept().map(one => [one.entry.id, one.sentMs]))
  const keeping = entries.slice(0, KEPT).map(entry => ({ sentMs: sentMs.get(entry.id) ?? nowMs, entry }))
  remember('tab', KEY, keeping satisfies readonly Kept[])
}

/** The page that waited for its answer is gone: only the record can tell what became of it. */
function afterReload(entry: CommandEntry): CommandEntry {
  if (stateOf(entry) !== 'sending') return entry
  const detail = `asked at ${preciseTextOf(askedAt(entry))} UTC; no answer was known when the page was loaded again`
  return { ...entry, steps: [...entry.steps, { state: 'unanswered', time: undefined, detail }] }
}

/**
 * What this tab sent within the last hour, newest first, as far as it was known when the page was left. What
 * was still on its way then is `unanswered` now.
 */
export const recallCommands = (nowMs = Date.now()): readonly CommandEntry[] =>
  kept()
    .filter(({ sentMs }) => Math.abs(nowMs - sentMs) <= KEPT_MS)
    .map(({ entry }) => afterReload(entry))
