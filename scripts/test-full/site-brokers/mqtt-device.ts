import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type TLSSocket } from 'node:tls'

/** A device that speaks MQTT 3.1.1 over TLS, as far as these tests need it. */
export interface MqttDevice {
  /** What the broker answered to its name and password: 0 is yes, 5 is no. */
  readonly answer: number
  /** Resolves when the broker has taken the message (QoS 1), or false where it ended the connection instead. */
  publish(topic: string, text: string): Promise<boolean>
  end(): void
}

const CONNECT = 0x10
const PUBLISH_QOS_1 = 0x32
const CONNACK = 2
const PUBACK = 4
const CLEAN_WITH_PASSWORD = 0xc2

const textOf = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

/** A packet of fewer than 128 bytes. */
const packet = (type: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([type, body.length]), body])
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
  return {
    answer: answer?.[3] ?? -1,
    async publish(topic, text) {
      const id = Buffer.from([0, ++count])
      socket.write(packet(PUBLISH_QOS_1, textOf(topic), id, Buffer.from(text)))
      return (await answerOf(socket, PUBACK)) !== undefined
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
