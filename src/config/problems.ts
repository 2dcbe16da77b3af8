import { z } from 'zod'
import { CallError } from '#protocol'
import { Settings } from './schema.ts'

/**
 * All that is wrong with a settings document, in one CONFIG_INVALID: where, and what is expected
 * there. Never the value.
 */
export function settingsProblem(error: z.ZodError): CallError {
  return new CallError('CONFIG_INVALID', error.issues.map(describe).join('\n'), { cause: error })
}

function describe(issue: z.core.$ZodIssue): string {
  const where = issue.path.map(String).join('.') || 'settings'
  if (issue.code !== 'unrecognized_keys') return `${where}: ${issue.message}`
  const unknown = issue.keys.map((key) => [...issue.path.map(String), key].join('.'))
  return `${unknown.join(', ')}: no such option. There are: ${allowedAt(issue.path).join(', ')}`
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly anyOf?: readonly Node[]
}

/** The keys that the schema knows at a place. */
function allowedAt(path: readonly PropertyKey[]): string[] {
  let node: Node | undefined = z.toJSONSchema(Settings, {
    io: 'input',
    unrepresentable: 'any',
  }) as Node
  for (const key of path) {
    node = node?.anyOf?.find(({ properties }) => properties !== undefined) ?? node
    node = typeof key === 'number' ? node?.items : node?.properties?.[String(key)]
  }
  node = node?.anyOf?.find(({ properties }) => properties !== undefined) ?? node
  return Object.keys(node?.properties ?? {})
}
