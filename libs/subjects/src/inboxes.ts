import { forms } from './subject-table.ts'

/**
 * Kinds of process that speak to the broker. Each has inboxes of its own, so that none can read what another was
 * answered. `admin` makes streams and forgets components; `observer` is a person at a terminal who only reads.
 */
export const processKinds = [
  'producer',
  'gateway',
  'commander',
  'api',
  'simulator',
  'admin',
  'observer'
] as const

/** A kind of process that speaks to the broker. */
export type ProcessKind = (typeof processKinds)[number]

// The answers to an `exec` come to subjects of the table, which lie below the commanders' inboxes.
const COMMANDER_INBOX = forms.find(({ name }) => name === 'execReply')?.class as string

/**
 * Whether a reply subject is an inbox, where answers of processes, tools and people arrive and nothing else. Whoever asks
 * writes the reply subject: an answer to any other one would go where the asker has no right to publish.
 */
export const isInbox = (reply: string): boolean => reply.startsWith('_INBOX')

/** Prefix of the reply subjects of all processes of a kind: `_INBOX_gateway`. */
export const inboxPrefixOf = (kind: ProcessKind): string =>
  kind === 'commander' ? COMMANDER_INBOX : `_INBOX_${kind}`
