import t from 'tap'
import { createStorageProgress } from './storage-progress.ts'

t.test(
  'samples that wait while not one is stored are stuck; one that is stored, or none that waits, ends it',
  async t => {
    let nowMs = 0
    const storing = createStorageProgress({ steadyMs: () => nowMs } as Parameters<
      typeof createStorageProgress
    >[0])
    t.equal(storing.stuckMs(0, 0), 0)
    nowMs = 12_000
    t.equal(storing.stuckMs(0, 5), 0, 'seen waiting for the first time')
    nowMs = 24_000
    t.equal(storing.stuckMs(0, 900), 12_000)
    t.equal(storing.stuckMs(1, 9_000), 0)
    nowMs = 32_000
    t.equal(storing.stuckMs(1, 9_000), 8_000)
    t.equal(storing.stuckMs(1, 0), 0)
    nowMs = 90_000
    t.equal(storing.stuckMs(1, 1), 0, 'a quiet component that just said something')
  }
)
