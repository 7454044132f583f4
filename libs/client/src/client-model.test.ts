import t from 'tap'
import { checkModel } from '../test/client-model.ts'

// A run that failed is played again with its seed; MODEL_RUNS lets it go on for as long as one likes.
const seed = Number(process.env['MODEL_SEED'] ?? Date.now() % 2 ** 31)
const runs = Number(process.env['MODEL_RUNS'] ?? 400)

t.test('a whole client keeps its promises whatever happens in whatever order', async t => {
  t.comment(`MODEL_SEED=${seed} MODEL_RUNS=${runs}`)
  await checkModel(runs, seed)
})
