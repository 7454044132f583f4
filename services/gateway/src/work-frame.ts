import type { ClientFrame } from '@meridian/protocol/live'

/** A frame whose answer takes work that grows with topics and patterns. */
export type WorkFrame = Extract<ClientFrame, { op: 'subscribe' | 'unsubscribe' | 'resume' }>
