import type { Permissions } from './permissions.ts'

/** The rights of a user as lines of nats.conf; one that may hear nothing is denied all. */
export const permissionText = ({ publish, subscribe }: Permissions): string =>
  `        publish { allow: ${listText(publish)} }
        subscribe { ${subscribe.length === 0 ? 'deny: ">"' : `allow: ${listText(subscribe)}`} }`

const listText = (subjects: readonly string[]): string =>
  `[\n${subjects.map(subject => `          ${JSON.stringify(subject)}`).join('\n')}\n        ]`
