import type { CustomResource } from './convert.ts'

/** A Go module that carries schemas, and the folder of its CustomResourceDefinitions. */
export interface SchemaModule {
  readonly module: string
  /** Folder of its CRDs; a file: the description of Kubernetes' own API. */
  readonly path: string
}

/** Where the schemas come from, at the versions that sites run or newer ones. */
export const schemaModules: readonly SchemaModule[] = [
  { module: 'k8s.io/kubernetes@v1.35.4', path: 'api/openapi-spec/swagger.json' },
  { module: 'github.com/kedacore/keda/v2@v2.21.0', path: 'config/crd/bases' },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    path: 'example/prometheus-operator-crd'
  },
  { module: 'github.com/cert-manager/cert-manager@v1.21.2', path: 'deploy/crds' },
  { module: 'sigs.k8s.io/gateway-api@v1.6.3', path: 'config/crd/standard' },
  { module: 'github.com/argoproj/argo-cd/v3@v3.5.7', path: 'manifests/crds' },
  { module: 'github.com/external-secrets/external-secrets@v1.3.2', path: 'config/crds/bases' },
  {
    module: 'github.com/envoyproxy/gateway@v1.9.1',
    path: 'charts/gateway-helm/charts/crds/crds/generated'
  }
]

const text = { type: 'string' }
const closed = { type: 'object', additionalProperties: false }

/** Kinds whose definition no module carries. */
export const writtenSchemas: Readonly<Record<string, unknown>> = {
  // ricoberger/vault-secrets-operator
  'vaultsecret-ricoberger-v1alpha1.json': {
    ...closed,
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: {
      apiVersion: text,
      kind: text,
      metadata: { type: 'object' },
      spec: {
        ...closed,
        required: ['path', 'type'],
        properties: {
          path: text,
          type: text,
          keys: { type: 'array', items: text },
          templates: { type: 'object', additionalProperties: text },
          vaultRole: text,
          vaultNamespace: text,
          secretEngine: text,
          reconcileStrategy: { enum: ['Replace', 'Merge'] },
          engineOptions: { type: 'object', additionalProperties: text },
          version: { type: 'integer' },
          isBinary: { type: 'boolean' }
        }
      }
    }
  }
}

/** The same for a server: it takes any field of them. */
export const writtenDefinitions: readonly CustomResource[] = [
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'vaultsecrets.ricoberger.de' },
    spec: {
      group: 'ricoberger.de',
      scope: 'Namespaced',
      names: { kind: 'VaultSecret', plural: 'vaultsecrets' },
      versions: [
        {
          ...{ name: 'v1alpha1', served: true, storage: true },
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
        }
      ]
    }
  }
]
