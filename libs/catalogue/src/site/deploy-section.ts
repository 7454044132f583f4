import { type ProcessKind, processKinds } from '@meridian/subjects'
import { type Static, Type } from 'typebox'

// No address of IPv4: an Ingress takes none.
const HOST =
  '^(?=.{1,253}$)(?![0-9.]+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?([.][a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$'
const STORAGE = '^[1-9][0-9]{0,5}(Mi|Gi|Ti)$'
const PORT = '([1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])'
const LEAF_URL = `^(tls|nats-leaf)://[^\\s/@:]+(:${PORT})?$`
const PUBLIC_NKEY = '^U[A-Z2-7]{55}$'
const DEVICE_PROOF = '^(certificate|\\$2[abxy]\\$[0-9]{2}\\$[./A-Za-z0-9]{53})$'
const DEVICE = '^[A-Za-z0-9_-]{1,50}$'

/** What the patterns of the section ask for, in words. */
export const deployWords: Readonly<Record<string, string>> = {
  [HOST]: 'a host name such as console.example.org',
  [STORAGE]: 'a size such as 64Gi',
  [LEAF_URL]: 'an address such as tls://nats.example.org:7422',
  [DEVICE_PROOF]: "'certificate', or bcrypt of a password, as `nats server passwd` makes it",
  [PUBLIC_NKEY]: 'the public nkey of a user, U and 55 capital letters or digits from 2 to 7'
}

const closed = { additionalProperties: false } as const

/** Names only: the figures are in scripts/site. */
const producerProfiles = ['tiny', 'ess', 'queue', 'hot'] as const

/** What the producer of an instance asks for of its node. */
export type ProducerProfile = (typeof producerProfiles)[number]

/** Profiles by component, `CSC:index` or `part:<name>`. */
export const profilesSchema = Type.Record(Type.String(), Type.Enum([...producerProfiles]), {
  description:
    "what a producer asks for of its node, by component, `CSC:index`, `part:<name>` or `rest`, the nearest counts; default: 'tiny'"
})

const count = (most: number) => Type.Integer({ minimum: 1, maximum: most })

const gatewaysSchema = Type.Object({ min: count(100), max: count(100) }, closed)

const nkeySchema = Type.String({ pattern: PUBLIC_NKEY })

const natsSchema = Type.Object(
  {
    tls: Type.Optional(
      Type.Boolean({
        description: 'whether clients and the other servers of the broker speak TLS; default: no'
      })
    ),
    devices: Type.Optional(
      Type.Record(Type.String({ pattern: DEVICE }), Type.String({ pattern: DEVICE_PROOF }), {
        description:
          "devices that speak MQTT, by name: bcrypt of their passwords, or 'certificate' for each; default: none"
      })
    ),
    servers: Type.Optional(Type.Enum([1, 3], { description: 'servers of the broker; default: 3' })),
    storage: Type.Optional(
      Type.String({ pattern: STORAGE, description: 'disk of each server; default: 64Gi' })
    )
  },
  closed
)

const leafsSchema = Type.Object(
  {
    accepts: Type.Optional(
      Type.Boolean({ description: 'whether brokers of other sites may dial this one; default: no' })
    ),
    from: Type.Optional(
      Type.Record(Type.String(), nkeySchema, {
        description: 'public nkeys of the brokers that may dial this one, by their site; default: none'
      })
    ),
    dials: Type.Optional(
      Type.Record(Type.String(), Type.String({ pattern: LEAF_URL }), {
        description: 'addresses of the brokers that this one dials, by their site; default: none'
      })
    )
  },
  closed
)

const nkeysSchema = Type.Object(
  Object.fromEntries(processKinds.map(kind => [kind, Type.Optional(nkeySchema)] as const)),
  { ...closed, description: 'public nkeys by kind of process; default: none' }
)

const oldNkeysSchema = Type.Object(nkeysSchema.properties, {
  ...closed,
  description: 'keys that hold beside those of `nkeys`, until every process has its new seed; default: none'
})

/** How a place runs on Kubernetes. It holds for the file in which it stands, and is taken from no other one. */
export const deploySchema = Type.Object(
  {
    host: Type.Optional(
      Type.String({ pattern: HOST, description: 'name under which browsers open it; needed by an overlay' })
    ),
    brokerSite: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{1,50}$',
        description:
          'site of the broker, where it is another one: this place then reads mirrors of the site, and has no producer and no commander; default: `name`'
      })
    ),
    logLevel: Type.Optional(
      Type.Enum(['trace', 'debug', 'info', 'warn', 'error'], {
        description: 'least level that every process logs; default: info'
      })
    ),
    gateways: Type.Optional(gatewaysSchema),
    commanders: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10, description: 'commanders; default: 2' })
    ),
    nats: Type.Optional(natsSchema),
    leafs: Type.Optional(leafsSchema),
    nkeys: Type.Optional(nkeysSchema),
    oldNkeys: Type.Optional(oldNkeysSchema)
  },
  closed
)

type DeployInFile = Static<typeof deploySchema>

/** How a place runs on Kubernetes, defaults filled in. */
export interface SiteDeploy {
  readonly host?: string
  /** Site of the broker; where it is not the site itself, this place only reads. */
  readonly brokerSite: string
  readonly logLevel: NonNullable<DeployInFile['logLevel']>
  readonly gateways: Readonly<NonNullable<DeployInFile['gateways']>>
  readonly commanders: number
  readonly nats: {
    readonly servers: number
    readonly storage: string
    readonly tls: boolean
    /** Devices that speak MQTT, by name: bcrypt of their passwords, or `certificate`. */
    readonly devices: Readonly<Record<string, string>>
  }
  readonly leafs: {
    readonly accepts: boolean
    /** Public nkeys of the brokers that may dial this one, by their site. */
    readonly from: Readonly<Record<string, string>>
    readonly dials: Readonly<Record<string, string>>
  }
  /** Public nkeys by kind of process. */
  readonly nkeys: PublicNkeys
  /** Keys that hold beside those. */
  readonly oldNkeys: PublicNkeys
}

type PublicNkeys = Readonly<Partial<Record<ProcessKind, string>>>

/** The section of a site with what it leaves out. */
export function createSiteDeploy(site: string, section: DeployInFile = {}): SiteDeploy {
  const { host, brokerSite, logLevel, gateways, commanders, nats, leafs, nkeys, oldNkeys } = section
  return {
    ...(host !== undefined && { host }),
    brokerSite: brokerSite ?? site,
    logLevel: logLevel ?? 'info',
    gateways: gateways ?? { min: 2, max: 10 },
    commanders: commanders ?? 2,
    nats: {
      servers: nats?.servers ?? 3,
      storage: nats?.storage ?? '64Gi',
      tls: nats?.tls ?? false,
      devices: nats?.devices ?? {}
    },
    leafs: { accepts: leafs?.accepts ?? false, from: leafs?.from ?? {}, dials: leafs?.dials ?? {} },
    nkeys: { ...nkeys } as PublicNkeys,
    oldNkeys: { ...oldNkeys } as PublicNkeys
  }
}
