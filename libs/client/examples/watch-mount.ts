// Prints where the main mount points, moves it once, and says how that ended.
//   tsx --conditions=development examples/watch-mount.ts ws://127.0.0.1:8080/live
import { createClient } from '@meridian/client'

interface Azimuth {
  readonly actualPosition: number
}

const client = createClient({ url: process.argv[2] ?? 'ws://127.0.0.1:8080/live' })
client.onStatus(({ state, gateway, broker }) => console.log(state, gateway ?? '', `broker ${broker}`))
client.subscribe<Azimuth>([{ pattern: 'tel.*.MTMount.0.azimuth', rate: 1, fields: ['actualPosition'] }], {
  onData: ({ fields, time }) =>
    console.log(`TAI ${time.toFixed(1)}  azimuth ${fields.actualPosition.toFixed(3)} deg`)
})
client.connect()

const move = { csc: 'MTMount', index: 0, command: 'moveToTarget', params: { azimuth: 10, elevation: 60 } }
const { id, done } = client.command(move, { onStage: ({ state }) => console.log(`command ${id}: ${state}`) })
done
  .then(({ state, result }) => console.log(`moved: ${state} ${result ?? ''}`))
  .catch((error: Error) => console.log(error.message))
  .finally(() => client.close())
