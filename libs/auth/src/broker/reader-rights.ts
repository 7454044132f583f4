import { MIRRORED, mirrorNameOf, originSubjects } from '@meridian/broker'
import { commandsOf, type ProcessKind, type StreamName, streamNames } from '@meridian/subjects'
import { type BrokerRights, brokerRights } from './broker-rights.ts'

/**
 * What a kind of process may do at the broker of another site, which has mirrors of the site's streams: what it reads at
 * the site it reads there from the mirrors, and nobody sends a command. The admin makes the mirrors, and makes one again
 * whose origin is another log.
 */
export const readerRights = (kind: ProcessKind, site: string): BrokerRights =>
  kind === 'admin' ? mirrorMaker(site) : readsMirrors(brokerRights[kind](site), site)

const readsMirrors = (rights: BrokerRights, site: string): BrokerRights => ({
  ...rights,
  publish: rights.publish.filter(subject => subject !== commandsOf(site)),
  streams: Object.fromEntries(
    Object.entries(rights.streams).map(([name, done]) => [
      isStream(name) ? mirrorNameOf(name, site) : name,
      done
    ])
  )
})

const isStream = (name: string): name is StreamName => streamNames.some(stream => stream === name)

const mirrorMaker = (site: string): BrokerRights => ({
  publish: MIRRORED.map(stream => originSubjects(stream, site).info),
  subscribe: [],
  streams: Object.fromEntries(
    MIRRORED.map(stream => [mirrorNameOf(stream, site), ['info', 'create', 'update', 'delete']])
  ),
  answers: []
})
