import type { Problem, Problems } from './problems.ts'
import type { Place } from './sources.ts'
import { childrenOf, readXml, textOf, type XmlElement } from './xml-file.ts'

/** One line of SAL's list of components. */
export interface Subsystem {
  readonly name: string
  readonly description: string
  readonly indexed: boolean
  /** Categories and topics of the generics that the component uses; `mandatory` always comes first. */
  readonly generics: readonly string[]
  readonly place: Place
}

const NAME = /^[A-Za-z][A-Za-z0-9]*$/
const NEEDED = ['Name', 'IndexEnumeration', 'AddedGenerics']

/** The list of components, in alphabetical order. */
export function readSubsystems(directory: string, problems: Problems): Subsystem[] {
  const xml = readXml(directory, 'sal_interfaces/SALSubsystems.xml', problems)
  if (xml === undefined) return []
  const names = new Set<string>()
  const found = childrenOf(xml.root, 'SALSubsystem').flatMap(element => {
    const name = textOf(element, 'Name')?.trim() ?? ''
    const line = xml.lineOf(element)
    const place = { file: xml.file, element: name || 'SALSubsystem', ...(line !== undefined && { line }) }
    const faults = [...faultsOf(element, name), ...(names.has(name) ? [TWICE] : [])]
    for (const fault of faults) problems.add({ ...place, ...fault })
    names.add(name)
    return faults.length === 0 ? [subsystemOf(element, name, place)] : []
  })
  if (found.length === 0)
    problems.add({ code: 'CAT_MISSING_ELEMENT', file: xml.file, element: '', message: 'no SALSubsystem' })
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

type Fault = Pick<Problem, 'code' | 'message'>

const TWICE: Fault = { code: 'CAT_DUPLICATE', message: 'this component is listed twice' }

function faultsOf(element: XmlElement, name: string): Fault[] {
  const missing = NEEDED.filter(tag => textOf(element, tag) === undefined)
  if (missing.length > 0) return [{ code: 'CAT_MISSING_ELEMENT', message: `no ${missing.join(', no ')}` }]
  if (NAME.test(name)) return []
  return [{ code: 'CAT_BAD_NAME', message: `'${name}' cannot be the name of a component` }]
}

function subsystemOf(element: XmlElement, name: string, place: Place): Subsystem {
  const added = (textOf(element, 'AddedGenerics') ?? '').split(',').map(part => part.trim())
  return {
    name,
    description: textOf(element, 'Description') ?? '',
    indexed: textOf(element, 'IndexEnumeration')?.trim() !== 'no',
    generics: [...new Set(['mandatory', ...added.filter(part => part !== '')])],
    place
  }
}
