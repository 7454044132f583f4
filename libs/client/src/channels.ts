import type { ControlRecord } from '@meridian/protocol/live'
import { type Channel, type ChannelContext, createChannel } from './channel.ts'
import type { Commands } from './commands.ts'
import type { ChannelReports } from './connection.ts'
import { type Greeting, greetingOf, type Status } from './status.ts'

/** The channels of a client that are open: one, and during a move two. */
export interface Channels extends Iterable<Channel> {
  /** Opens a channel; what comes on it about commands goes to `commands`. */
  open(reports: ChannelReports, commands: Commands): Channel
  /** How the gateway greeted a channel; undefined before its welcome. */
  greetingOf(channel: Channel): Greeting | undefined
}

/** What the channels tell of, and which of them is the active one. */
interface ChannelsOptions {
  readonly status: Status
  active(): Channel | undefined
}

/** Creates the channels of a client, none open. */
export function createChannels(context: ChannelContext, { status, active }: ChannelsOptions): Channels {
  const { clock, registry } = context
  const channels = new Set<Channel>()
  const greetings = new WeakMap<Channel, Greeting>()
  let opened = 0

  function open(reports: ChannelReports, commands: Commands): Channel {
    const openedMs = clock.nowMs()
    const bare = createChannel(++opened, context, {
      onReady(welcome) {
        greetings.set(channel, greetingOf(welcome, openedMs, clock))
        reports.ready()
      },
      onSettled() {
        registry.prune(channel.number)
        reports.settled()
      },
      onEnd(end) {
        channels.delete(channel)
        reports.ended(end)
      },
      onControl(record) {
        if (record.op === 'reconnect') reports.hinted(record)
        else if (record.op === 'broker') learned(channel, { broker: record.broker })
        else if (record.op === 'degraded') learned(channel, { degraded: record.step })
        else tell(commands, record)
      }
    })
    const channel: Channel = {
      ...bare,
      close(reason) {
        channels.delete(channel)
        bare.close(reason)
      }
    }
    channels.add(channel)
    return channel
  }

  /** Keeps what a gateway said of the connection, for when it becomes the active one. */
  function learned(channel: Channel, fact: Partial<Greeting['facts']>): void {
    const greeting = greetings.get(channel)
    if (greeting !== undefined) greetings.set(channel, { ...greeting, facts: { ...greeting.facts, ...fact } })
    if (active() === channel) status.learn(fact)
  }

  return {
    open,
    greetingOf: channel => greetings.get(channel),
    [Symbol.iterator]: () => channels.values()
  }
}

function tell(commands: Commands, record: ControlRecord): void {
  if (record.op === 'command') commands.onAnswer(record)
  else if (record.op === 'error' && typeof record.id === 'string') commands.onRefused(record.id, record.error)
}
