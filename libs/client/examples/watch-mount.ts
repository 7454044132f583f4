// Prints where the main mount points, moves it once, and says how that ended: `pnpm example
// ws://127.0.0.1:8080/live`. `mtmount.ts` was printed by `pnpm types MTMount.telemetry.azimuth
// MTMount.command.moveToTarget`.
import { createClient, type TypedClient } from '@meridian/client'
import type { Commands, Topics } from './mtmount.ts'

const url = process.argv[2] ?? 'ws://127.0.0.1:8080/live'
const client: TypedClient<Topics, Commands> = createClient({ url })
client.onStatus(({ state, gateway, error }) => console.log(state, gateway ?? '', error?.message ?? ''))
client.subscribe([{ pattern: 'tel.*.MTMount.0.azimuth', rate: 1 }], {
  onData: ({ time, fields }) => console.log(time.toFixed(1), 'TAI', fields.actualPosition.toFixed(3), 'deg')
})
client.connect()

const move = {
  csc: 'MTMount',
  index: 0,
  command: 'moveToTarget',
  params: { azimuth: 10, elevation: 60 }
} as const
const { id, done } = client.command(move, { onStage: ({ state }) => console.log('command', id, state) })
done
  .then(({ state, result }) => console.log('the move is', state, result ?? ''))
  .catch((error: Error) => console.log(error.message))
  .finally(() => client.close())
