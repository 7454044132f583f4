import { lastMessage } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { encodeMsgpack } from '@meridian/msgpack'
import { parseCommandAnswer, parseExecRequest } from '@meridian/protocol/commands'
import { encodeSample } from '@meridian/sample'
import { execOf, heartbeatOf } from '@meridian/subjects'
import { startSiteService, waitFor } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { LiveClient } from './live-client.ts'

// The same commands through each door of a running system: gateway (JSON and MessagePack), api, `nats req`.

const SITE = 'summit'
const { nats, broker, stop } = await startTestSite()
t.teardown(stop)
const [commander, api, gateway] = await Promise.all(
  ['commander', 'api', 'gateway'].map(name => startSiteService(name, nats))
)
t.teardown(() => Promise.all([commander, api, gateway].map(one => one?.stop())))
const port = Number(new URL(gateway?.address ?? '').port)
const json = await LiveClient.open(port, 'json')
const binary = await LiveClient.open(port, 'msgpack')
t.teardown(() => [json, binary].map(({ ws }) => ws.terminate()))

/** Parameters of the commands that a component was told, by its name. */
const told = new Map<string, unknown[]>()
for (const csc of ['MTMount', 'Greenhouse']) {
  const target = { site: SITE, csc, index: 0 }
  const beat = (): void => broker.publish(heartbeatOf(target), heartbeat())
  const timer = setInterval(beat, 500)
  t.teardown(() => clearInterval(timer))
  broker.subscribe(`${execOf(target, 'x').slice(0, -1)}*`, message => {
    const { params } = parseExecRequest(message)
    told.set(csc, [...(told.get(csc) ?? []), params])
    message.respond(JSON.stringify({ ack: 303 }))
  })
}

function heartbeat(): Uint8Array {
  const now = taiSecondsOf(Date.now())
  const fields = Uint8Array.of(0x80)
  const stamps = { sndStamp: now, rcvStamp: now, seqNum: 1, origin: 1 }
  return encodeSample({ ...stamps, identity: 't', revCode: '', fields, uncatalogued: false })
}

/** A command as JSON texts, so that numbers stand in it as they are typed. */
interface Asked {
  readonly csc?: string
  readonly index?: string
  readonly command?: string
  /** Members besides the target, such as `"params":{}`. */
  readonly rest?: string
}

type Outcome = string

const objectOf = (parts: readonly string[]): string => `{${parts.filter(part => part !== '').join(',')}}`
const targetOf = ({ csc = 'MTMount', index = '0', command = 'moveToTarget' }: Asked): string =>
  `"csc":"${csc}","index":${index},"command":"${command}"`

let ids = 0
const newId = (): string => `01jd3v8c6qz5n7k2m4x9w${String(++ids).padStart(5, '0')}`
const withId = (rest: string): string =>
  rest.startsWith('"id"') ? rest : objectOf([`"id":"${newId()}"`, rest]).slice(1, -1)

async function byHttp(asked: Asked): Promise<Outcome> {
  const answer = await fetch(`${api?.address}/api/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: objectOf([targetOf(asked), asked.rest ?? ''])
  })
  const { state, error } = (await answer.json()) as { state?: string; error?: { code: string } }
  return error?.code ?? String(state)
}

async function byFrame(client: LiveClient, message: string | Uint8Array): Promise<Outcome> {
  const answers = (): readonly object[] => [...client.all('error'), ...client.all('command')]
  const before = new Set(answers())
  client.ws.send(message)
  const answer = await waitFor(() => answers().find(one => !before.has(one)), {
    what: 'an answer',
    timeoutMs: 20_000
  })
  return 'error' in answer ? (answer.error as { code: string }).code : 'accepted'
}

const frameOf = (asked: Asked): string =>
  objectOf(['"op":"command"', targetOf(asked), withId(asked.rest ?? '')])

async function byNats({
  csc = 'MTMount',
  index = '0',
  command = 'moveToTarget',
  rest = ''
}: Asked): Promise<Outcome> {
  const subject = `cmd.${SITE}.${csc}.${index.replaceAll('"', '')}.${command}`
  const answer = parseCommandAnswer(
    (await broker.request(subject, objectOf([rest]), { timeoutMs: 8_000 })).data
  )
  return 'error' in answer ? answer.error.code : answer.state
}

/** Sequence of the last accepted command. */
const lastAccepted = async (): Promise<number | undefined> =>
  (await lastMessage(broker, 'COMMANDS', `intake.${SITE}.>`))?.seq
const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
const device = { csc: 'Greenhouse', command: 'water' }

await waitFor(async () => (await byNats({ ...device })) === 'accepted' && (await byNats({})) === 'accepted', {
  what: 'both components are heard',
  timeoutMs: 30_000
})

t.test('a wrong command has one code at every door, and none accepts anything', async t => {
  const cases: [Asked, string][] = [
    [{ rest: '"id":"x"' }, 'CMD_BAD_ID'],
    [{ rest: '"id":5' }, 'CMD_BAD_ID'],
    [{ rest: '"id":null' }, 'CMD_BAD_ID'],
    [{ rest: '"id":"81jd3v8c6qz5n7k2m4x9w0r1ty"' }, 'CMD_BAD_ID'],
    [{ rest: '"id":"01jd3v8c6qz5n7k2m4x9w0r1tyz"' }, 'CMD_BAD_ID'],
    [{ rest: '"id":9007199254740993' }, 'CMD_BAD_ID'],
    [{ csc: 'Nope' }, 'CMD_UNKNOWN_COMPONENT'],
    [{ csc: 'mtmount' }, 'CMD_UNKNOWN_COMPONENT'],
    [{ csc: 'M/T' }, 'CMD_BAD_REQUEST'],
    [{ csc: 'M'.repeat(121) }, 'CMD_BAD_REQUEST'],
    [{ index: '7' }, 'CMD_UNKNOWN_INSTANCE'],
    [{ index: '"zero"' }, 'CMD_BAD_REQUEST'],
    [{ index: '-1' }, 'CMD_BAD_REQUEST'],
    [{ index: '2147483648' }, 'CMD_BAD_REQUEST'],
    [{ index: '9007199254740993' }, 'CMD_BAD_REQUEST'],
    [{ command: 'explode' }, 'CMD_UNKNOWN_COMMAND'],
    [{ command: 'a/b' }, 'CMD_BAD_REQUEST'],
    [{ rest: '"params":[]' }, 'CMD_BAD_REQUEST'],
    [{ rest: '"params":null' }, 'CMD_BAD_REQUEST'],
    [{ rest: '"params":"azimuth"' }, 'CMD_BAD_REQUEST'],
    [{ rest: '"azimuth":1' }, 'CMD_BAD_REQUEST'],
    [{ rest: '"__proto__":{"x":1}' }, 'CMD_BAD_REQUEST'],
    [{ rest: '"params":{"__proto__":{"x":1}}' }, 'CMD_BAD_REQUEST'],
    [{ rest: '"params":{"constructor":{"prototype":{}}}' }, 'CMD_BAD_PARAMETER'],
    [{ rest: '"params":{"azimuth":"ten"}' }, 'CMD_BAD_PARAMETER'],
    [{ rest: '"params":{"azimuth":"NaN"}' }, 'CMD_BAD_PARAMETER'],
    [{ rest: '"params":{"azimuth":9007199254740993}' }, 'CMD_BAD_PARAMETER'],
    [{ rest: '"params":{"azimuth":true}' }, 'CMD_BAD_PARAMETER'],
    [{ rest: '"params":{"speed":1}' }, 'CMD_BAD_PARAMETER'],
    [{ rest: '"notAfterSeconds":0' }, 'CMD_BAD_REQUEST'],
    [{ rest: '"notAfterSeconds":3601' }, 'CMD_BAD_REQUEST'],
    [{ rest: '"notAfterSeconds":"5"' }, 'CMD_BAD_REQUEST'],
    [{ csc: 'MTDome', command: 'park' }, 'CMD_OFFLINE'],
    [{ ...device, rest: '"params":{"id":9007199254740993}' }, 'CMD_BAD_PARAMETER'],
    [{ ...device, rest: '"params":{"list":[{"id":-9223372036854775808}]}' }, 'CMD_BAD_PARAMETER'],
    [{ ...device, rest: `"params":${nested(31)}` }, 'CMD_BAD_REQUEST'],
    [{ ...device, rest: `"params":${nested(300)}` }, 'CMD_BAD_REQUEST'],
    [{ ...device, rest: `"params":${nested(9_000)}` }, 'CMD_BAD_REQUEST']
  ]
  const before = await lastAccepted()
  for (const [asked, code] of cases) {
    const what = `${code} ${targetOf(asked).slice(0, 80)} ${(asked.rest ?? '').slice(0, 60)}`
    const outcomes = {
      http: await byHttp(asked),
      json: await byFrame(json, frameOf(asked)),
      msgpack: await byFrame(binary, msgpackOf(frameOf(asked))),
      nats: await byNats(asked)
    }
    t.same(outcomes, { http: code, json: code, msgpack: code, nats: code }, what)
  }
  t.equal(await lastAccepted(), before, 'nothing was accepted')
})

t.test('a number that no double holds is refused at each door that can be told one', async t => {
  const before = await lastAccepted()
  for (const number of ['1e400', '-1e400', '1e-400']) {
    const asked = { ...device, rest: `"params":{"big":[${number}]}` }
    const outcomes = [await byHttp(asked), await byFrame(json, frameOf(asked)), await byNats(asked)]
    t.same(outcomes, ['CMD_BAD_PARAMETER', 'CMD_BAD_PARAMETER', 'CMD_BAD_PARAMETER'], number)
  }
  for (const value of [Number.NaN, Number.NEGATIVE_INFINITY, Uint8Array.of(1)]) {
    const frame = { op: 'command', id: newId(), index: 0, ...device, params: { big: value } }
    t.equal(await byFrame(binary, encodeMsgpack(frame)), 'CMD_BAD_PARAMETER', String(value))
  }
  t.equal(await lastAccepted(), before, 'nothing was accepted')
})

t.test('text that is not UTF-8, and a request that is too large, are refused and never mended', async t => {
  const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))
  const rest = '"params":{"text":"\xff"}'
  const http = await fetch(`${api?.address}/api/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: bytes(objectOf([targetOf(device), rest]))
  })
  t.match(await http.json(), { error: { code: 'CMD_BAD_REQUEST', message: /not UTF-8/ } })
  const answer = await broker.request(`cmd.${SITE}.Greenhouse.0.water`, bytes(`{${rest}}`), {
    timeoutMs: 8_000
  })
  t.match(JSON.parse(answer.text()), { error: { code: 'CMD_BAD_REQUEST', message: /not UTF-8/ } })
  const frame = encodeMsgpack({ op: 'command', id: newId(), index: 0, ...device, params: { text: 'abc' } })
  frame[frame.length - 1] = 0xff
  t.equal(await byFrame(binary, frame), 'CMD_BAD_REQUEST')
  const large = { ...device, rest: `"params":{"text":"${'x'.repeat(65_600)}"}` }
  t.same([await byHttp(large), await byNats(large)], ['CMD_TOO_LARGE', 'CMD_TOO_LARGE'])
})

t.test('an id in upper case, depth up to the limit and exact numbers pass at each door', async t => {
  const params = `{"n":[9007199254740991,0.1,-1e21,1e17,1e20],"south":-0,"deep":${nested(29)}}`
  told.clear()
  const upper = (): string => `"id":"${newId().toUpperCase()}","params":${params}`
  const outcomes = [
    await byHttp({ ...device, rest: upper() }),
    await byFrame(json, frameOf({ ...device, rest: upper() })),
    await byFrame(binary, msgpackOf(frameOf({ ...device, rest: upper() }))),
    await byNats({ ...device, rest: upper() })
  ]
  t.same(outcomes, ['accepted', 'accepted', 'accepted', 'accepted'])
  await waitFor(() => told.get('Greenhouse')?.length === 4, { what: 'all were told', timeoutMs: 20_000 })
  for (const one of told.get('Greenhouse') ?? []) {
    t.same(one, JSON.parse(params))
    t.ok(Object.is((one as { south: number }).south, -0), "minus nothing, as in -0° 30'")
  }
})

/** A frame in MessagePack; integers beyond 2^53 as 64-bit integers, levels that the writer refuses by hand. */
function msgpackOf(text: string): Uint8Array {
  const levels = /(?:\{"a":){31,}/.exec(text)?.[0].length ?? 0
  if (levels > 0) return deepMsgpack(text, levels / '{"a":'.length)
  const value = JSON.parse(text.replace(/([:[])(-?\d{16,})/g, '$1"big:$2"'), (_key, inner: unknown) =>
    typeof inner === 'string' && inner.startsWith('big:') ? exactOf(BigInt(inner.slice(4))) : inner
  )
  return encodeMsgpack(value)
}

const exactOf = (value: bigint): number | bigint =>
  value === BigInt.asIntN(53, value) ? Number(value) : value

function deepMsgpack(text: string, levels: number): Uint8Array {
  const flat = JSON.parse(text.replace(/(?:\{"a":)+1\}+/, 'null}'))
  const bytes = encodeMsgpack({ ...flat, params: null })
  const level = [0x81, 0xa1, 0x61]
  return Uint8Array.from([...bytes.subarray(0, -1), ...Array.from({ length: levels }, () => level).flat(), 1])
}
