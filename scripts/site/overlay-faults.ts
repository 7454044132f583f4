import { isPublicNkey } from '@meridian/broker'
import type { Catalogue, Site, SiteFault } from '@meridian/catalogue'
import { areDevicesCertified, startFaults } from './nats-conf.ts'
import { CATCH_ALL, type ProducerEntry, producerEntries } from './producer-entries.ts'

/** Of a Deployment's name, which is a label too; `producer-` stands before it. */
const LONGEST_NAME = 50
const KUBERNETES_NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/

/** What the overlay in the folder of a place asks for of its site file, besides what every process asks for. */
export const overlayFaults =
  (catalogue: Catalogue, place: string) =>
  (site: Site): readonly SiteFault[] => [
    ...placeFaults(site, place),
    ...nkeyFaults(site),
    ...deviceFaults(site),
    ...startFaults(site).map(message => invalid(['deploy', 'nats', 'storage'], message)),
    ...nameFaults(producerEntries(site, catalogue))
  ]

function placeFaults({ deploy: { host, brokerSite } }: Site, place: string): SiteFault[] {
  return [
    ...(host === undefined
      ? [invalid(['deploy', 'host'], 'is missing: an overlay needs the name under which browsers open it')]
      : []),
    ...(brokerSite === place
      ? []
      : [
          {
            code: 'CAT_SITE_NAME' as const,
            path: ['name'],
            message: `'${brokerSite}' stands in the folder '${place}'; both have one name`
          }
        ])
  ]
}

/** A device without a password at a port that asks for no certificate would be whoever says its name. */
function deviceFaults({ deploy: { nats } }: Site): SiteFault[] {
  if (!areDevicesCertified(nats)) return []
  const path = ['deploy', 'nats', 'devices']
  const withPassword = Object.entries(nats.devices).filter(([, proof]) => proof !== 'certificate')
  return [
    ...withPassword.map(([name]) =>
      invalid(
        [...path, name],
        'has a password, and others certificates: the broker asks all of them for one or none'
      )
    ),
    ...(nats.tls
      ? []
      : [invalid(path, 'have certificates, and the broker speaks no TLS: say deploy.nats.tls: true')])
  ]
}

const nkeyFaults = ({ deploy: { nkeys, oldNkeys, leafs } }: Site): SiteFault[] => [
  ...checksumFaults(nkeys, ['deploy', 'nkeys']),
  ...checksumFaults(oldNkeys, ['deploy', 'oldNkeys']),
  ...checksumFaults(leafs.from, ['deploy', 'leafs', 'from'])
]

const checksumFaults = (keys: Readonly<Record<string, string>>, path: readonly string[]): SiteFault[] =>
  Object.entries(keys)
    .filter(([, key]) => !isPublicNkey(key))
    .map(([name]) => invalid([...path, name], 'is no public nkey: its checksum is wrong'))

function nameFaults(entries: readonly ProducerEntry[]): SiteFault[] {
  const first = new Map<string, ProducerEntry>()
  return entries.flatMap(entry => {
    const { name, path } = entry
    const other = first.get(name)
    if (other === undefined) first.set(name, entry)
    if (name.length > LONGEST_NAME)
      return [invalid(path, `its producer '${name}' has ${name.length} letters, more than ${LONGEST_NAME}`)]
    if (!KUBERNETES_NAME.test(name))
      return [invalid(path, `its producer cannot be called '${name}': the ends are letters or digits`)]
    if (name === CATCH_ALL)
      return [duplicate(path, `'${name}' is the producer of all that has none of its own`)]
    // An instance that is listed twice is a fault that every process tells.
    return other === undefined || other.produce === entry.produce
      ? []
      : [duplicate(path, `its producer '${name}' has the name of that of ${other.produce.split('{')[0]}`)]
  })
}

const invalid = (path: SiteFault['path'], message: string): SiteFault => ({
  code: 'CAT_SITE_INVALID',
  path,
  message
})

const duplicate = (path: SiteFault['path'], message: string): SiteFault => ({
  code: 'CAT_SITE_DUPLICATE',
  path,
  message
})
