import type { Problems } from './problems.ts'
import type { Place } from './sources.ts'
import { childrenOf, readXml, textOf } from './xml-file.ts'

/** One line of SAL's list of components. */
export interface Subsystem {
  readonly name: string
  readonly description: string
  readonly indexed: boolean
  /** Categories and topics of the generics that it asks for; `mandatory` always comes first. */
  readonly generics: readonly string[]
  readonly place: Place
}

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
    const missing = NEEDED.filter(tag => textOf(element, tag) === undefined)
    const faults = [
      ...(missing.length > 0
        ? [{ code: 'CAT_MISSING_ELEMENT' as const, message: `no ${missing.join(', no ')}` }]
        : []),
      ...(names.has(name)
        ? [{ code: 'CAT_DUPLICATE' as const, message: 'this component is listed twice' }]
        : []),
      ...(missing.includes('Name') || /^[A-Za-z][A-Za-z0-9]*$/.test(name)
        ? []
        : [{ code: 'CAT_BAD_NAME' as const, message: `'${name}' cannot be the name of a component` }])
    ]
    for (const fault of faults) problems.add({ ...place, ...fault })
    names.add(name)
    if (faults.length > 0) return []
    const added = (textOf(element, 'AddedGenerics') ?? '').split(',').map(part => part.trim())
    return {
      name,
      description: textOf(element, 'Description') ?? '',
      indexed: textOf(element, 'IndexEnumeration')?.trim() !== 'no',
      generics: [...new Set(['mandatory', ...added.filter(part => part !== '')])],
      place
    }
  })
  if (found.length === 0)
    problems.add({ code: 'CAT_MISSING_ELEMENT', file: xml.file, element: '', message: 'no SALSubsystem' })
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}
