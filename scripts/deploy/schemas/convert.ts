/** A JSON schema, or a part of one, as parsed. */
type Schema = { [field: string]: unknown }

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A schema as Kubernetes writes it, made strict: an object takes no field that it does not list, and what may be a
 * number or text takes both.
 */
export function createStrictSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(createStrictSchema)
  if (!isObject(schema)) return schema
  if (schema['x-kubernetes-int-or-string'] === true || schema['format'] === 'int-or-string')
    return { anyOf: [{ type: 'integer' }, { type: 'string' }] }
  const strict = Object.fromEntries(
    Object.entries(schema).map(([field, value]) => [field, strictPart(field, value)])
  )
  const isOpen =
    schema['x-kubernetes-preserve-unknown-fields'] === true || schema['additionalProperties'] !== undefined
  return isObject(schema['properties']) && !isOpen ? { ...strict, additionalProperties: false } : strict
}

/** Below `properties` and `definitions` stand names that somebody chose, each with a schema. */
const strictPart = (field: string, value: unknown): unknown =>
  (field === 'properties' || field === 'definitions') && isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, createStrictSchema(part)]))
    : createStrictSchema(value)

interface KindOfGroup {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** The name under which kubeconform looks for the schema of a kind: `deployment-apps-v1.json`. */
export function schemaFileOf({ group, version, kind }: KindOfGroup): string {
  const [firstOfGroup = ''] = group.split('.')
  return `${[kind, ...(firstOfGroup === '' ? [] : [firstOfGroup]), version].join('-').toLowerCase()}.json`
}

/** The file of all definitions, which those of the kinds lead into. */
const DEFINITIONS = '_definitions.json'

interface SwaggerDefinition extends Schema {
  readonly 'x-kubernetes-group-version-kind'?: readonly KindOfGroup[]
}

/** The schemas of Kubernetes' own kinds by file name, from its description of its API. */
export function schemasOfApi(definitions: Readonly<Record<string, SwaggerDefinition>>): Map<string, unknown> {
  const files = new Map<string, unknown>()
  const strict = strictPart('definitions', definitions) as Record<string, unknown>
  const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity'
  strict[quantity] = { anyOf: [{ type: 'number' }, { type: 'string' }] }
  files.set(DEFINITIONS, { definitions: strict })
  for (const [name, { 'x-kubernetes-group-version-kind': kinds = [] }] of Object.entries(definitions)) {
    const [kind] = kinds
    if (kinds.length === 1 && kind !== undefined)
      files.set(schemaFileOf(kind), { $ref: `${DEFINITIONS}#/definitions/${name}` })
  }
  return files
}

/** What is read of a CustomResourceDefinition. */
export interface CustomResource {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: { readonly name: string }
  readonly spec?: {
    readonly group: string
    readonly scope?: string
    readonly names: { readonly kind: string; readonly plural?: string }
    readonly versions: readonly {
      readonly name: string
      readonly served?: boolean
      readonly storage?: boolean
      readonly schema?: { readonly openAPIV3Schema: unknown }
    }[]
  }
}

/** The schemas of a kind that a CustomResourceDefinition brings, one for each version, by file name. */
export function schemasOfCustomResource({ kind, spec }: CustomResource): Map<string, unknown> {
  if (kind !== 'CustomResourceDefinition' || spec === undefined) return new Map()
  return new Map(
    spec.versions.map(({ name, schema }) => [
      schemaFileOf({ group: spec.group, version: name, kind: spec.names.kind }),
      createStrictSchema(schema?.openAPIV3Schema ?? {})
    ])
  )
}
