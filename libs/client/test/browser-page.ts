import { subscribePerFrame } from '../src/frame.ts'
import { createClient as createPlain } from '../src/index.ts'
import { createClient as createKept } from '../src/kept.ts'
import { createClient as createShared } from '../src/worker/shared.ts'
import { createClient as createInWorker } from '../src/worker/worker.ts'

// What the tests in a browser call: the clients of every entry.
Object.assign(globalThis, { createPlain, createShared, createInWorker, createKept, subscribePerFrame })
