import type { ClientFrame } from '@meridian/protocol/live'

/** A frame whose answer takes work that grows with topics and patterns. */
export type WorkFrame = Extract<ClientFrame, { op: 'subscribe' | 'unsubscribe' | 'resume' }>

/** Whether a frame is one of those that wait for their turn; pings and commands never do. */
export const isWork = (frame: ClientFrame): frame is WorkFrame =>
  frame.op === 'subscribe' || frame.op === 'unsubscribe' || frame.op === 'resume'
