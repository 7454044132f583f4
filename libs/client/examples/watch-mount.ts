// Prints where the main mount points, moves it once, and says how that ended: `pnpm example
// ws://127.0.0.1:8080/live`. `mtmount.ts` was printed by `pnpm import-sal types MTMount.telemetry.azimuth`.
import { createClient } from '@meridian/client'
import type { MTMountTelemetryAzimuth } from './mtmount.ts'

const client = createClient({ url: process.argv[2] ?? 'ws://127.0.0.1:8080/live' })
client.onStatus(({ state, gateway, error }) => console.log(state, gateway ?? '', error?.message ?? ''))
client.subscribe<MTMountTelemetryAzimuth>([{ pattern: 'tel.*.MTMount.0.azimuth', rate: 1 }], {
  onData: ({ time, fields }) => console.log(time.toFixed(1), 'TAI', fields.actualPosition.toFixed(3), 'deg')
})
client.connect()

const move = { csc: 'MTMount', index: 0, command: 'moveToTarget', params: { azimuth: 10, elevation: 60 } }
const { id, done } = client.command(move, { onStage: ({ state }) => console.log('command', id, state) })
done
  .then(({ state, result }) => console.log('the move is', state, result ?? ''))
  .catch((error: Error) => console.log(error.message))
  .finally(() => client.close())
