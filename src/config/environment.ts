import { z } from 'zod'
import { CallError } from '#protocol'
import { Settings } from './schema.ts'

/** A JSON Schema, as far as it is read here. */
interface Node {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly anyOf?: readonly Node[]
}

interface Option {
  readonly path: readonly string[]
  readonly type: string
}

/** Variables of the same prefix that are not options. */
const ours: readonly string[] = ['ASSENT_CONFIG']

/**
 * The options that the environment names, as a partial settings document: `ASSENT_LISTEN_PORT` is
 * `listen.port`. Lists are written with commas, lists of objects as JSON. Throws CONFIG_INVALID for
 * a variable that names no option, or a number or a truth value that is none; everything else is
 * the schema's to judge.
 */
export function fromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const options = optionsByName()
  const document: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('ASSENT_') || text === undefined || ours.includes(name)) continue
    const option = options.get(name)
    if (option === undefined) {
      const names = similar(name, [...options.keys()])
      throw new CallError('CONFIG_INVALID', `${name}: no such option. There are: ${names}`)
    }
    put(document, option.path, valueOf(name, text, option.type))
  }
  return document
}

/** Every variable that there is. */
export function optionsByName(): ReadonlyMap<string, Option> {
  const schema = z.toJSONSchema(Settings, { io: 'input', unrepresentable: 'any' }) as Node
  return new Map(leaves(schema, []).map((option) => [nameOf(option.path), option]))
}

function leaves(node: Node, path: readonly string[]): Option[] {
  const { type, properties } = node.anyOf?.find((each) => each.type !== 'null') ?? node
  if (properties === undefined) return type === undefined ? [] : [{ path, type }]
  return Object.entries(properties).flatMap(([key, child]) => leaves(child, [...path, key]))
}

const nameOf = (path: readonly string[]): string =>
  [
    'ASSENT',
    ...path.map((key) => key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()),
  ].join('_')

function similar(name: string, names: readonly string[]): string {
  const section = name.split('_').slice(0, 2).join('_')
  const near = names.filter((each) => each === section || each.startsWith(`${section}_`))
  return (near.length > 0 ? near : names).join(', ')
}

function valueOf(name: string, text: string, type: string): unknown {
  const wrong = (expected: string) =>
    new CallError('CONFIG_INVALID', `${name}: ${expected} is expected`)
  switch (type) {
    case 'integer':
    case 'number':
      if (!/^-?\d+$/.test(text)) throw wrong('a whole number')
      return Number(text)
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw wrong('true or false')
      return text === 'true'
    case 'array':
      if (text.startsWith('[')) return jsonOf(text, wrong)
      return text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
    default:
      return text
  }
}

function jsonOf(text: string, wrong: (expected: string) => CallError): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw wrong('a JSON array')
  }
}

function put(
  document: Record<string, unknown>,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    document[key] = value
    return
  }
  const inner: Record<string, unknown> = { ...asObject(document[key]) }
  put(inner, rest, value)
  document[key] = inner
}

const asObject = (value: unknown): object =>
  typeof value === 'object' && value !== null ? value : {}
