import { parseAllDocuments } from 'yaml'

/** Amounts that a container asks for, or may take at most, such as `{ cpu: '15m', memory: '112Mi' }`. */
type Amounts = Readonly<Record<string, string | number | undefined>>

/** What the rules read of a probe. */
export interface Probe {
  readonly httpGet?: { readonly path?: string; readonly port?: string | number; readonly host?: string }
  readonly tcpSocket?: { readonly port?: string | number; readonly host?: string }
  readonly grpc?: { readonly port?: string | number }
  readonly periodSeconds?: number
  readonly failureThreshold?: number
}

interface NameReference {
  readonly name: string
  readonly key?: string
  /** Whether a pod starts without it. */
  optional?: boolean
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
  ports?: { name?: string; containerPort: number; hostPort?: number }[]
  volumeMounts?: { name: string; mountPath: string }[]
  startupProbe?: Probe
  readinessProbe?: Probe
  livenessProbe?: Probe
  lifecycle?: { preStop?: { sleep?: { seconds: number }; exec?: { command: string[] } } }
  securityContext?: {
    allowPrivilegeEscalation?: boolean
    readOnlyRootFilesystem?: boolean
    privileged?: boolean
    runAsNonRoot?: boolean
    runAsUser?: number
    seccompProfile?: { type?: string }
    procMount?: string
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
  restartPolicy?: string
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
  affinity?: {
    podAntiAffinity?: {
      requiredDuringSchedulingIgnoredDuringExecution?: { topologyKey: string; labelSelector?: Selector }[]
    }
    readonly [part: string]: unknown
  }
  topologySpreadConstraints?: { topologyKey: string; labelSelector?: Selector }[]
  volumes?: {
    name: string
    configMap?: NameReference
    secret?: { secretName: string; optional?: boolean; items?: { key: string; path: string }[] }
    emptyDir?: { sizeLimit?: string }
    projected?: {
      sources?: { configMap?: NameReference; secret?: NameReference; serviceAccountToken?: object }[]
    }
    hostPath?: object
  }[]
}

/** Who is meant by a rule of a network policy: addresses, or pods of this namespace or of others. */
export interface PolicyPeer {
  readonly ipBlock?: { readonly cidr: string }
  readonly podSelector?: Selector
  readonly namespaceSelector?: Selector
}

/** What a network policy lets through: the ports, all where none is named, from or to somebody, all where nobody is named. */
export interface PolicyRule {
  readonly ports?: readonly { readonly port?: string | number; readonly endPort?: number }[]
  readonly from?: readonly PolicyPeer[]
  readonly to?: readonly PolicyPeer[]
}

/** The Service to which an Ingress leads. */
interface Backend {
  service: { name: string; port: { name?: string; number?: number } }
}

interface Template {
  metadata?: { labels?: Labels }
  spec: PodSpec
}

/** What an autoscaler keeps an average at: a share of the request in percent, or an amount. */
export interface MetricTarget {
  averageUtilization?: number | undefined
  averageValue?: string | number | undefined
}

/** What the rules read of the `spec` of any kind, each field of the kinds that have it. */
export interface Spec {
  replicas?: number
  /** Of a Service: the labels themselves. */
  selector?: Selector & Readonly<Record<string, unknown>>
  podSelector?: Selector
  template?: Template
  /** Of a CronJob. */
  jobTemplate?: { spec: { template: Template } }
  paused?: boolean
  suspend?: boolean
  updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } }
  strategy?: { type?: string; rollingUpdate?: { maxUnavailable?: number; maxSurge?: number } }
  serviceName?: string
  podManagementPolicy?: string
  volumeClaimTemplates?: { metadata: { name: string } }[]
  sessionAffinity?: string
  clusterIP?: string
  /** Of a Service. */
  type?: string
  externalIPs?: string[]
  ports?: { name?: string; port: number; targetPort?: string | number }[]
  scaleTargetRef?: { kind?: string; name: string }
  minReplicas?: number
  maxReplicas?: number
  minReplicaCount?: number
  maxReplicaCount?: number
  pollingInterval?: number
  metrics?: {
    type: string
    resource?: { name: string; target: MetricTarget }
    containerResource?: { name: string; target: MetricTarget }
  }[]
  triggers?: { type: string; metricType?: string; metadata: Record<string, string> }[]
  maxUnavailable?: number | string
  minAvailable?: number | string
  policyTypes?: string[]
  ingress?: PolicyRule[]
  egress?: PolicyRule[]
  tls?: { hosts?: string[]; secretName?: string }[]
  rules?: {
    host?: string
    http?: { paths: { backend: Backend }[] }
    backendRefs?: { name: string; port?: number }[]
    sessionPersistence?: object
  }[]
  defaultBackend?: Backend
  podMetricsEndpoints?: { port?: string; portNumber?: number }[]
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
  binaryData?: Record<string, string>
  /** Of a Secret. */
  type?: string
  /** Of a ServiceAccount. */
  automountServiceAccountToken?: boolean
  /** Of a binding. */
  roleRef?: { name: string }
  subjects?: { kind: string; name: string; namespace?: string }[]
  /** Of a Role or a ClusterRole. */
  rules?: { verbs?: string[]; resources?: string[] }[]
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

/** A workload with its pod. */
export interface Workload {
  readonly resource: Resource
  readonly pod: PodSpec
  readonly labels: Readonly<Labels>
}

/** The workloads among some objects: whatever makes pods, and a pod by itself. */
export const workloadsOf = (resources: readonly Resource[]): Workload[] =>
  resources.flatMap(resource => {
    const { spec: pod, metadata } = templateOf(resource) ?? {}
    return pod?.containers === undefined ? [] : [{ resource, pod, labels: metadata?.labels ?? {} }]
  })

function templateOf({ kind, metadata, spec }: Resource): Template | undefined {
  if (kind === 'Pod') return { metadata, spec: spec as unknown as PodSpec }
  return spec?.jobTemplate?.spec.template ?? spec?.template
}

/** Whether the pods of a workload end by themselves when they have done their work. */
export const doesEnd = ({ resource: { kind }, pod }: Workload): boolean =>
  kind === 'Job' || kind === 'CronJob' || (kind === 'Pod' && (pod.restartPolicy ?? 'Always') !== 'Always')

/** All containers of a pod, those that run before the others included. */
export const containersOf = ({ initContainers = [], containers }: PodSpec): Container[] => [
  ...initContainers,
  ...containers
]

/** Ports of the containers of a workload. */
export const portsOf = ({ pod }: Workload) => containersOf(pod).flatMap(({ ports = [] }) => ports)

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

/** Whether a selector asks for nothing. */
export const isEmptySelector = ({ matchLabels = {}, matchExpressions = [] }: Selector): boolean =>
  Object.keys(matchLabels).length === 0 && matchExpressions.length === 0

/** The role that a workload plays, the same for each producer: `app.kubernetes.io/name`. */
export const roleOf = ({ labels }: Workload): string => labels['app.kubernetes.io/name'] ?? ''
