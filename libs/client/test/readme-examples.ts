import { readFileSync } from 'node:fs'
import { createClient } from '@meridian/client/worker'

const client = createClient({ url: '/live' })
console.log(client.place) // 'worker', or 'page' where there are none

import { createClient as createSharedClient } from '@meridian/client/shared'

const shared = createSharedClient({ url: '/live' })
if (shared.place === 'page') console.log('no SharedWorker here: this tab has a connection of its own')

import { subscribePerFrame } from '@meridian/client/frame'

subscribePerFrame(client, ['tel.*.MTMount.0.*'], {
  onFrame: (updates, replaced) => console.log(updates.length, 'subjects,', replaced, 'older values left out')
})

import { createClient as createKeptClient } from '@meridian/client/kept'

const kept = createKeptClient({ url: '/live' })
console.log(kept.kept()) // 'found' after a reload: `all` goes on where the page before it was

import { createClient as createProgramClient } from '@meridian/client/program'

const personalToken = readFileSync('/run/secrets/meridian-token', 'utf8').trim()
const program = await createProgramClient({ url: 'wss://meridian.example.org/live', personalToken })
program.connect()
