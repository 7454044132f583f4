// Wrong requests to gateway and front, and the sentences that a person then reads; those to the api: api-refusal-cases.ts.

/** What is asked of a door besides its path; default: a GET without a body. */
export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const upgrade = (headers: Record<string, string>): Asked => ({
  headers: {
    ...{ connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    ...{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
    ...headers
  }
})
/** A text that is longer than any parameter may be. */
export const LONG = 'x'.repeat(300)

/** Path, what is asked, status, and the sentence after the code. */
export type Case = readonly [path: string, asked: Asked, status: number, sentence: string]

const wrongEvents = (query: string, sentence: string): Case => [
  `/live/events?${query}`,
  {},
  400,
  `request is not as the API describes it: ${sentence}`
]
const EVENTS = 'topics=evt.summit.%3E'

const liveEvents: readonly Case[] = [
  wrongEvents(
    '',
    "'topics' is missing; expected: patterns, separated by commas, such as evt.summit.MTMount.>"
  ),
  wrongEvents(`${EVENTS},`, "'topics' has an empty item; expected: items separated by commas"),
  wrongEvents(`topics=evt.${LONG}`, "'topics' has an item of 304 characters; expected: at most 256"),
  wrongEvents(`topics=${'a,'.repeat(1_000)}a`, "'topics' has 1001 items; expected: at most 1000"),
  wrongEvents(`${EVENTS}&quality=best`, "'quality' is 'best'; expected: one of all, latest, minmax"),
  wrongEvents(`${EVENTS}&rate=3`, "'rate' is '3'; expected: one of 20, 10, 5, 2, 1, 0.2 per second"),
  wrongEvents(`${EVENTS}&rate=1&rate=1`, "'rate' came 2 times; expected: once"),
  wrongEvents(`${EVENTS}&fields=a,,b`, "'fields' has an empty item; expected: items separated by commas"),
  wrongEvents(`${EVENTS}&fields=${LONG}`, "'fields' has an item of 300 characters; expected: at most 120"),
  [
    '/live/events?topics=raw.%3E',
    {},
    400,
    "no subject that this gateway serves is under the pattern: 'raw.>'; expected one under: tel.summit.<csc>.<index>.<topic>, hb.summit.<csc>.<index>, evt.summit.<csc>.<index>.<topic>, script.summit.<queue>.<scriptIndex>.<topic>, intake.summit.<partition>.<csc>.<index>.<id>, ack.summit.<csc>.<index>.<id>"
  ],
  [
    `/live/events?${EVENTS}&rate=1`,
    {},
    400,
    "rate has no meaning where every message comes: 'rate' is 1 beside 'evt.summit.>'; expected: 'quality' latest or minmax with it, or no rate"
  ]
]

/** What the gateway refuses before it speaks WebSocket. */
export const ofGateway: readonly Case[] = [
  [
    '/live',
    {},
    426,
    'address takes WebSocket upgrades only: a plain request came; expected: an upgrade with sub-protocol meridian.v1.msgpack or meridian.v1.json'
  ],
  [
    '/live',
    upgrade({ 'sec-websocket-protocol': 'mqtt' }),
    400,
    "not a WebSocket upgrade that is served here: sub-protocol is 'mqtt'; expected: meridian.v1.msgpack or meridian.v1.json"
  ],
  [
    '/other',
    upgrade({ 'sec-websocket-protocol': 'meridian.v1.json' }),
    400,
    "not a WebSocket upgrade that is served here: '/other'; expected: /live"
  ],
  [
    '/live',
    upgrade({
      ...{ host: 'localhost', origin: 'https://evil.example' },
      'sec-websocket-protocol': 'meridian.v1.json'
    }),
    403,
    "page of this origin may not connect: 'origin' is 'https://evil.example'; expected: 'http://localhost', or one of ALLOWED_ORIGINS; a proxy that gives another Host must send X-Forwarded-Host and be named in TRUSTED_PROXIES"
  ],
  ...liveEvents,
  ['/nowhere', {}, 404, 'no such address: GET /nowhere'],
  ['/live', { method: 'POST' }, 405, 'address does not take this method: POST /live; expected: GET']
]

/** What the front refuses itself. */
export const ofFront: readonly Case[] = [
  ['/metrics', {}, 404, 'no such address: GET /metrics; each service answers it on its own port'],
  ['//metrics', {}, 404, 'no such address: its path has an empty segment, or one of dots'],
  [
    '/',
    { headers: { host: 'evil.example' } },
    421,
    "host is none that this server answers to: 'evil.example'; expected: localhost, the name of this machine, or one of the setting HOSTS"
  ]
]
