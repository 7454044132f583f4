import { accessSettings } from '@meridian/auth'
import { observatorySettings } from '@meridian/catalogue'
import { beatSettings, commonSettings, originSettings } from '@meridian/service'
import { type Static, Type } from 'typebox'

/** Environment variables of a gateway, with defaults and bounds. */
const settings = Type.Object({
  ...commonSettings,
  ...beatSettings,
  ...observatorySettings,
  ...accessSettings,
  ...originSettings,
  MAX_CONNECTIONS: Type.Integer({ default: 5_000, minimum: 1, description: 'connections at a time' }),
  MAX_CONNECTIONS_PER_PRINCIPAL: Type.Integer({
    default: 500,
    minimum: 0,
    description: 'connections of one user at a time; nobody is one in open mode; 0: no limit of its own'
  }),
  MAX_CONNECTIONS_PER_ADDRESS: Type.Integer({
    default: 1_000,
    minimum: 0,
    description:
      'connections of one address at a time (of IPv6: one network of 64 bits; loopback is not counted); 0: no limit of its own'
  }),
  MAX_REQUESTS_PER_ADDRESS: Type.Integer({
    default: 100,
    minimum: 0,
    description:
      'connections and other requests per second that one address begins, taken or refused; ten seconds of them may come at once; loopback is not counted; 0: no limit'
  }),
  MAX_ACCEPTS_PER_SECOND: Type.Integer({
    default: 500,
    minimum: 1,
    maximum: 10_000,
    description:
      'connections that are accepted in any second; others wait, up to five seconds, before they are refused'
  }),
  MAX_AGE_MS: Type.Integer({
    default: 1_800_000,
    minimum: 0,
    description:
      'ms after which a client is asked to connect anew, give or take a fifth by lot, so that in the end everybody is where the balancer wants him; 0: never'
  }),
  REBALANCE: Type.Boolean({
    default: true,
    description: 'whether it hints clients away while it is busier than the other gateways'
  }),
  MOVE_DEADLINE_MS: Type.Integer({
    default: 30_000,
    minimum: 100,
    description:
      'ms from the hint until a client that was asked to connect anew, and did not, is closed with 1012'
  }),
  TARGET_CONNECTIONS: Type.Integer({
    default: 3_000,
    minimum: 1,
    description:
      'connections that it shall have at most in everyday work; how busy it is, is the largest share of this and the next two targets'
  }),
  TARGET_EGRESS_BPS: Type.Integer({
    default: 50_000_000,
    minimum: 1,
    description: 'bytes per second to clients; counts from half of it on'
  }),
  TARGET_LOOP: Type.Number({
    default: 0.7,
    exclusiveMinimum: 0,
    maximum: 1,
    description: 'share of time in which its event loop works; counts from half of it on'
  }),
  MAX_SUBSCRIPTIONS: Type.Integer({
    default: 64,
    minimum: 1,
    description: 'subscriptions of one connection'
  }),
  MAX_PATTERNS: Type.Integer({
    default: 5_000,
    minimum: 1,
    description: 'patterns of all subscriptions of one connection'
  }),
  MAX_TOPICS: Type.Integer({
    default: 50_000,
    minimum: 1,
    description: 'topics that the subscriptions of one connection may match'
  }),
  MAX_FRAME_BYTES: Type.Integer({
    default: 65_536,
    minimum: 1_024,
    description: 'largest frame of a client'
  }),
  MAX_FRAMES_PER_SECOND: Type.Integer({
    default: 50,
    minimum: 1,
    description: 'frames of one client per second; four seconds may come at once'
  }),
  MAX_BYTES_PER_SECOND: Type.Integer({
    default: 1_048_576,
    minimum: 65_536,
    description: 'bytes that one client sends per second; four seconds may come at once'
  }),
  MAX_WORK_PER_SECOND: Type.Integer({
    default: 100_000,
    minimum: 1_000,
    description:
      'units of work of one client per second (a topic that a subscription matches or is sent, a pattern, the name of a chosen field, 100 bytes of last values); four seconds may come at once, beyond that its frames wait'
  }),
  MAX_BUFFERED_BYTES: Type.Integer({
    default: 8 << 20,
    minimum: 65_536,
    description: 'bytes that may wait for one client, besides one answer, before it is closed with 1013'
  }),
  COMPRESSION: Type.Boolean({
    default: true,
    description: 'whether samples are compressed for clients that offer permessage-deflate'
  }),
  MAX_WAITING_BYTES: Type.Integer({
    default: 256 << 20,
    minimum: 1 << 20,
    description:
      'bytes that may wait for all clients together, before those for which most waits are closed with 1013'
  }),
  RING_MS: Type.Integer({
    default: 30_000,
    minimum: 100,
    description: 'ms that the ring of each stream holds'
  }),
  RING_BYTES: Type.Integer({
    default: 64 << 20,
    minimum: 1_024,
    description: 'bytes that it holds at most; of both bounds twice as much while resumes are being answered'
  }),
  PING_MS: Type.Integer({ default: 15_000, minimum: 100, description: 'ms between pings to each client' }),
  IDLE_MS: Type.Integer({
    default: 45_000,
    minimum: 200,
    description: 'ms after which a client that answers nothing is dropped'
  })
})

/** The settings of a gateway after validation, defaults filled in. */
export type GatewayConfig = Static<typeof settings>

/** What the gateway is called, and what it reads from its environment. */
export const spec = {
  service: 'gateway',
  summary:
    'serves telemetry, events and commands over WebSocket at /live, and what is only read at /live/events',
  settings
}
