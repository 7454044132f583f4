import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type TLSSocket } from 'node:tls'

/** A device that speaks MQTT 3.1.1 over TLS, as far as these tests need it. */
export interface MqttDevice {
  /** What the broker answered to its name and password: 0 is yes, 5 is no. */
  readonly answer: number
  /** Resolves when the broker has taken the message (QoS 1), or false where it ended the connection instead. */
  publish(topic: string, text: string, options?: { readonly isRetained?: boolean }): Promise<boolean>
  /** What the broker answered: 128 is no. */
  subscribe(filter: string): Promise<number | undefined>
  end(): void
}

const CONNECT = 0x10
const PUBLISH_QOS_1 = 0x32
const RETAINED = 1
const SUBSCRIBE = 0x82
const CONNACK = 2
const PUBACK = 4
const SUBACK = 9
const CLEAN_WITH_PASSWORD = 0xc2

const textOf = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

/** A length in groups of seven bits, the lowest first. */
const lengthOf = (length: number): readonly number[] =>
  length < 128 ? [length] : [(length % 128) | 128, ...lengthOf(Math.floor(length / 128))]

const packet = (type: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([type, ...lengthOf(body.length)]), body])
}

/** Connects with a name and a password to a broker on loopback, whose CA is in `caFile`. */
export async function connectDevice(
  port: number,
  { name, password, caFile }: { readonly name: string; readonly password: string; readonly caFile: string }
): Promise<MqttDevice> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: readFileSync(caFile) })
  await once(socket, 'secureConnect')
  const head = Buffer.from([4, CLEAN_WITH_PASSWORD, 0, 60])
  socket.write(packet(CONNECT, textOf('MQTT'), head, textOf(name), textOf(name), textOf(password)))
  const answer = await answerOf(socket, CONNACK)
  let count = 0
  const nextId = (): Buffer => Buffer.from([0, ++count])
  return {
    answer: answer?.[3] ?? -1,
    async publish(topic, text, { isRetained = false } = {}) {
      const type = isRetained ? PUBLISH_QOS_1 | RETAINED : PUBLISH_QOS_1
      socket.write(packet(type, textOf(topic), nextId(), Buffer.from(text)))
      return (await answerOf(socket, PUBACK)) !== undefined
    },
    async subscribe(filter) {
      socket.write(packet(SUBSCRIBE, nextId(), textOf(filter), Buffer.from([0])))
      return (await answerOf(socket, SUBACK))?.[4]
    },
    end: () => void socket.destroy()
  }
}

/** The next packet of a kind; undefined when the connection ends before. */
async function answerOf(socket: TLSSocket, kind: number): Promise<Buffer | undefined> {
  const ended = once(socket, 'close').then(() => undefined)
  const came = once(socket, 'data').then(([data]: Buffer[]) => data)
  const data = await Promise.race([came, ended])
  came.catch(() => {})
  return data === undefined || data[0] === undefined || data[0] >> 4 !== kind ? undefined : data
}
