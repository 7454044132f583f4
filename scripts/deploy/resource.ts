import { parseAllDocuments } from 'yaml'

/** Amounts that a container asks for, or may take at most, such as `{ cpu: '15m', memory: '112Mi' }`. */
type Amounts = Readonly<Record<string, string | number | undefined>>

/** What the rules read of a probe. */
export interface Probe {
  readonly httpGet?: { readonly path?: string; readonly port?: string | number }
  readonly periodSeconds?: number
  readonly failureThreshold?: number
}

interface NameReference {
  readonly name: string
  readonly key?: string
}

/** What the rules read of a container. */
export interface Container {
  name: string
  image?: string
  command?: string[]
  args?: string[]
  env?: {
    name: string
    value?: string
    valueFrom?: { configMapKeyRef?: NameReference; secretKeyRef?: NameReference }
  }[]
  envFrom?: { configMapRef?: NameReference; secretRef?: NameReference }[]
  resources?: { requests?: Amounts; limits?: Amounts }
  ports?: { name?: string; containerPort: number }[]
  volumeMounts?: { name: string; mountPath: string }[]
  startupProbe?: Probe
  readinessProbe?: Probe
  livenessProbe?: Probe
  lifecycle?: { preStop?: { sleep?: { seconds: number }; exec?: { command: string[] } } }
  securityContext?: {
    allowPrivilegeEscalation?: boolean
    readOnlyRootFilesystem?: boolean
    privileged?: boolean
    capabilities?: { drop?: string[]; add?: string[] }
  }
}

/** A selector of pods. */
export interface Selector {
  matchLabels?: Labels
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

type Labels = Record<string, string>

/** What the rules read of a pod. */
export interface PodSpec {
  serviceAccountName?: string
  automountServiceAccountToken?: boolean
  terminationGracePeriodSeconds?: number
  hostNetwork?: boolean
  hostPID?: boolean
  hostIPC?: boolean
  securityContext?: { runAsNonRoot?: boolean; runAsUser?: number; seccompProfile?: { type?: string } }
  containers: Container[]
  initContainers?: Container[]
  nodeSelector?: Labels
  tolerations?: { key?: string; operator?: string; value?: string }[]
  affinity?: Record<string, unknown>
  topologySpreadConstraints?: { topologyKey: string; labelSelector?: Selector }[]
  volumes?: {
    name: string
    configMap?: NameReference
    secret?: { secretName: string; items?: { key: string; path: string }[] }
    emptyDir?: { sizeLimit?: string }
    hostPath?: object
  }[]
}

/** What a network policy lets through: the ports, all where none is named. */
interface PolicyRule {
  readonly ports?: readonly { readonly port?: string | number }[]
}

/** What the rules read of the `spec` of any kind, each field of the kinds that have it. */
export interface Spec {
  replicas?: number
  /** Of a Service: the labels themselves. */
  selector?: Selector & Readonly<Record<string, unknown>>
  podSelector?: Selector
  template?: { metadata?: { labels?: Labels }; spec: PodSpec }
  strategy?: { type?: string; rollingUpdate?: { maxUnavailable?: number; maxSurge?: number } }
  serviceName?: string
  podManagementPolicy?: string
  volumeClaimTemplates?: { metadata: { name: string } }[]
  sessionAffinity?: string
  clusterIP?: string
  ports?: { name?: string; port: number; targetPort?: string | number }[]
  scaleTargetRef?: { kind?: string; name: string }
  minReplicas?: number
  maxReplicas?: number
  minReplicaCount?: number
  maxReplicaCount?: number
  pollingInterval?: number
  metrics?: { type: string; resource?: { name: string; target: { averageUtilization?: number } } }[]
  triggers?: { type: string; metadata: Record<string, string> }[]
  maxUnavailable?: number | string
  minAvailable?: number | string
  policyTypes?: string[]
  ingress?: PolicyRule[]
  egress?: PolicyRule[]
  tls?: { hosts?: string[]; secretName?: string }[]
  rules?: {
    host?: string
    http?: { paths: { backend: { service: { name: string; port: { name?: string; number?: number } } } }[] }
    backendRefs?: { name: string; port?: number }[]
    sessionPersistence?: object
  }[]
  parentRefs?: { name: string }[]
  targetRefs?: { kind: string; name: string }[]
  listeners?: { tls?: { certificateRefs?: { name: string }[] } }[]
  loadBalancer?: { type?: string }
  issuerRef?: { kind?: string; name: string }
  ca?: { secretName: string }
  secretName?: string
  /** Of a Certificate: what it may be shown for. */
  usages?: string[]
  target?: { name?: string }
}

/** One rendered object. */
export interface Resource {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Labels
    annotations?: Labels
  }
  spec?: Spec
  data?: Record<string, string>
}

/** The objects of a stream of YAML documents. Throws YAMLParseError. */
export const readResources = (text: string): Resource[] =>
  parseAllDocuments(text)
    .map(document => {
      const [fault] = document.errors
      if (fault !== undefined) throw fault
      return document.toJS() as Resource | null
    })
    .filter(resource => resource !== null)

/** Kind and name, as faults name an object: `Deployment/gateway`. */
export const titleOf = ({ kind, metadata }: Resource): string => `${kind}/${metadata.name}`

const WORKLOADS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'Job', 'DaemonSet'])

/** A workload with its pod. */
export interface Workload {
  readonly resource: Resource
  readonly pod: PodSpec
  readonly labels: Readonly<Labels>
}

/** The workloads among some objects. */
export const workloadsOf = (resources: readonly Resource[]): Workload[] =>
  resources.flatMap(resource => {
    const template = resource.spec?.template
    if (!WORKLOADS.has(resource.kind) || template === undefined) return []
    return [{ resource, pod: template.spec, labels: template.metadata?.labels ?? {} }]
  })

/** All containers of a pod, those that run before the others included. */
export const containersOf = ({ initContainers = [], containers }: PodSpec): Container[] => [
  ...initContainers,
  ...containers
]

/** Whether a selector chooses a pod with these labels; an empty one chooses every pod. */
export function doesSelect(selector: Selector | undefined, labels: Readonly<Labels>): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {}
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key]
      if (operator === 'Exists') return value !== undefined
      if (operator === 'DoesNotExist') return value === undefined
      return (value !== undefined && values.includes(value)) === (operator === 'In')
    })
  )
}

/** The role that a workload plays, the same for each producer: `app.kubernetes.io/name`. */
export const roleOf = ({ labels }: Workload): string => labels['app.kubernetes.io/name'] ?? ''
