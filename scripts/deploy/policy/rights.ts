import type { Resource } from '../resource.ts'
import { ofKinds, type Rule } from './rule.ts'

/** Roles of Kubernetes that may read secrets, or change whatever there is. */
const WIDE: ReadonlySet<string> = new Set(['cluster-admin', 'admin', 'edit'])
/** Groups of whoever has an account, or none. */
const EVERYBODY = /^system:(serviceaccounts|(un)?authenticated|anonymous|masters)\b/
/** By which a right gives more rights. */
const VERBS = /^(\*|escalate|bind|impersonate)$/
const RESOURCES = /^(\*|secrets|pods\/(exec|attach|portforward)|serviceaccounts\/token)$/

/** A binding gives rights; of ours nobody asks the API of Kubernetes anything, so it is for others: Prometheus, say. */
function bindingFaults(
  { roleRef, subjects = [] }: Resource,
  namespaces: ReadonlySet<string | undefined>
): (string | false)[] {
  const name = roleRef?.name ?? ''
  return [
    WIDE.has(name) && `roleRef: ${name} may change or read everything: write a Role of what is needed`,
    ...subjects.map(
      subject =>
        (EVERYBODY.test(subject.name) ||
          (subject.kind === 'ServiceAccount' && namespaces.has(subject.namespace))) &&
        `subjects: ${subject.kind} ${subject.name}: no process here asks the API of Kubernetes: take it out`
    )
  ]
}

const roleFaults = ({ rules = [] }: Resource): (string | false)[] =>
  rules.map(({ verbs = [], resources = [] }, at) => {
    const wide = [
      ...verbs.filter(verb => VERBS.test(verb)),
      ...resources.filter(what => RESOURCES.test(what))
    ]
    return wide.length > 0 && `rules[${at}]: ${wide.join(', ')} gives too much: name what is needed`
  })

/** Rules of what anybody may ask the API of Kubernetes. */
export const rightsRules: readonly Rule[] = [
  {
    id: 'rights',
    demands: 'nobody here gets rights at the API of Kubernetes, and nobody else all of them',
    check: resources => {
      const namespaces = new Set([undefined, ...resources.map(({ metadata }) => metadata.namespace)])
      return [
        ...ofKinds(['RoleBinding', 'ClusterRoleBinding'], binding => bindingFaults(binding, namespaces))(
          resources
        ),
        ...ofKinds(['Role', 'ClusterRole'], roleFaults)(resources)
      ]
    }
  }
]
