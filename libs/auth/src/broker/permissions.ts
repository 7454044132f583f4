import { BELOW_WORD_ALONE, belowWord, streamRightSubjects } from '@meridian/broker'
import { inboxPrefixOf, type ProcessKind, withoutInner } from '@meridian/subjects'
import { brokerRights, SERVICE_VERBS } from './broker-rights.ts'
import { readerRights } from './reader-rights.ts'

/** The subjects on which a user of the broker may publish, and to which it may subscribe; all others are refused. */
export interface Permissions {
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
}

/**
 * What a kind of process may do at the broker of a site, each subject once and none inside another. Throws
 * WIR_BAD_SUBJECT for a site whose name cannot be a token. The admin asks JetStream below `changeWord`; where there is none, it takes no stream whole and deletes none.
 * At the broker of another site, `brokerSite`, it only reads mirrors of the site [docs/adr/0022-leaf-links.md].
 */
export function permissionsOf(
  kind: ProcessKind,
  site: string,
  changeWord?: string,
  brokerSite: string = site
): Permissions {
  const rights = brokerSite === site ? brokerRights[kind](site) : readerRights(kind, site)
  const { service, publish, subscribe, streams, answers } = rights
  const inStreams = Object.entries(streams).flatMap(([stream, rights = []]) =>
    rights
      .filter(right => changeWord !== undefined || !BELOW_WORD_ALONE.includes(right))
      .flatMap(right => streamRightSubjects(right, stream))
  )
  const asked = (subject: string): string =>
    kind === 'admin' && changeWord !== undefined ? belowWord(subject, changeWord) : subject
  const replies = answers.map(asker => `${inboxPrefixOf(asker)}.>`)
  return {
    publish: withoutInner([...publish, ...inStreams, ...replies].map(asked)),
    subscribe: withoutInner([
      ...subscribe,
      // Who asks JetStream nothing is answered nothing.
      ...(Object.keys(streams).length === 0 ? [] : [`${inboxPrefixOf(kind)}.>`]),
      ...(service === undefined ? [] : askedOf(service))
    ])
  }
}

/** Each verb by its name: where `$SRV.*` may be subscribed to, nats-server takes `$SRV.>` too. */
const askedOf = (service: string): readonly string[] =>
  SERVICE_VERBS.flatMap(verb => ['', `.${service}`, `.${service}.*`].map(whom => `$SRV.${verb}${whom}`))
