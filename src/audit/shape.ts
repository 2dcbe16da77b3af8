import { Flaw } from './flaw.ts'

/**
 * What a value must look like. Returns a fresh value with its keys in the shape's order, so that one record has one
 * encoding; throws a Flaw that names the place and the rule, never the value.
 */
export type Shape<T> = (value: unknown, at: string) => T
export type Of<S> = S extends Shape<infer T> ? T : never

type Optional<T> = { readonly optional: Shape<T> }
type Fields = Readonly<Record<string, Shape<unknown> | Optional<unknown>>>
type ObjectOf<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Optional<unknown> ? never : K]: Of<F[K]>
} & {
  readonly [K in keyof F as F[K] extends Optional<unknown> ? K : never]?: F[K] extends Optional<
    infer T
  >
    ? T
    : never
}

/** Exactly these keys: an unknown one is refused, because nobody would have checked what it says. */
export function object<const F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return refuse(at, 'an object')
    const given = new Map<string, unknown>(
      Object.entries(value).filter(([, one]) => one !== undefined),
    )
    for (const key of given.keys())
      if (!Object.hasOwn(fields, key)) refuse(at, 'without unknown keys')
    const entries = Object.entries(fields).flatMap(([key, field]): [string, unknown][] => {
      if (typeof field === 'function') return [[key, field(given.get(key), `${at}.${key}`)]]
      return given.has(key) ? [[key, field.optional(given.get(key), `${at}.${key}`)]] : []
    })
    return Object.fromEntries(entries) as ObjectOf<F>
  }
}

export const optional = <T>(shape: Shape<T>): Optional<T> => ({ optional: shape })

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, at) => (value === null ? null : shape(value, at))
}

export function list<T>(shape: Shape<T>, min: number, max: number): Shape<readonly T[]> {
  return (value, at) =>
    Array.isArray(value) && value.length >= min && value.length <= max
      ? value.map((one: unknown, i) => shape(one, `${at}[${i}]`))
      : refuse(at, `a list of ${min} to ${max}`)
}

export function pair<A, B>(first: Shape<A>, second: Shape<B>): Shape<readonly [A, B]> {
  return (value, at) =>
    Array.isArray(value) && value.length === 2
      ? [first(value[0], `${at}[0]`), second(value[1], `${at}[1]`)]
      : refuse(at, 'a pair')
}

export function oneOf<const T extends string | boolean>(...allowed: readonly T[]): Shape<T> {
  return (value, at) =>
    allowed.find((one) => one === value) ?? refuse(at, `one of ${allowed.join(', ')}`)
}

export function text(max: number): Shape<string> {
  return (value, at) =>
    typeof value === 'string' && value.isWellFormed() && value.length > 0 && value.length <= max
      ? value
      : refuse(at, `a text of 1 to ${max} characters`)
}

export function matching(pattern: RegExp, name: string): Shape<string> {
  return (value, at) =>
    typeof value === 'string' && pattern.test(value) ? value : refuse(at, name)
}

export function integer(min = 0, max = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value, at) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
      ? value
      : refuse(at, `an integer from ${min} to ${max}`)
}

/** The version of a format, while there is one. */
export const one: Shape<1> = (value, at) => (value === 1 ? value : refuse(at, '1, the only version'))

export const boolean: Shape<boolean> = (value, at) =>
  typeof value === 'boolean' ? value : refuse(at, 'true or false')

/** One of several objects, told apart by `event.state`. */
export function byState<const S extends Readonly<Record<string, Shape<unknown>>>>(
  shapes: S,
): Shape<Of<S[keyof S]>> {
  return (value, at) => {
    const state = property(property(value, 'event'), 'state')
    if (typeof state !== 'string' || !Object.hasOwn(shapes, state)) {
      return refuse(`${at}.event.state`, `one of ${Object.keys(shapes).join(', ')}`)
    }
    return shapes[state]!(value, at) as Of<S[keyof S]>
  }
}

/** A property of a value of which nothing is known yet. */
export function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined
}

export function refuse(at: string, wanted: string): never {
  throw new Flaw('shape', `${at} must be ${wanted}`)
}
