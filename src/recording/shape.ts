/**
 * What a value from another process or from a disk must look like. Returns it typed; throws `Misfit`, which names the
 * place and the rule, never the value.
 */
export type Shape<T> = (value: unknown, at: string) => T
export type Of<S> = S extends Shape<infer T> ? T : never

export class Misfit extends Error {
  override readonly name = 'Misfit'
}

/** Exactly these keys. */
export function object<const F extends Readonly<Record<string, Shape<unknown>>>>(
  fields: F,
): Shape<{ readonly [K in keyof F]: Of<F[K]> }> {
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return refuse(at, 'be an object')
    const given = new Map<string, unknown>(Object.entries(value))
    for (const key of given.keys())
      if (!Object.hasOwn(fields, key)) refuse(at, 'have no other keys')
    const entries = Object.entries(fields).map(([key, shape]) => [
      key,
      shape(given.get(key), `${at}.${key}`),
    ])
    return Object.fromEntries(entries) as { readonly [K in keyof F]: Of<F[K]> }
  }
}

/** One of several objects, told apart by `type`. */
export function byType<const S extends Readonly<Record<string, Shape<unknown>>>>(
  shapes: S,
): Shape<Of<S[keyof S]>> {
  return (value, at) => {
    const type =
      typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
    const shape = typeof type === 'string' && Object.hasOwn(shapes, type) ? shapes[type] : undefined
    return shape === undefined
      ? refuse(`${at}.type`, 'be a known one')
      : (shape(value, at) as Of<S[keyof S]>)
  }
}

export const list =
  <T>(shape: Shape<T>, max: number): Shape<readonly T[]> =>
  (value, at) =>
    Array.isArray(value) && value.length <= max
      ? value.map((one: unknown, i) => shape(one, `${at}[${i}]`))
      : refuse(at, `be a list of at most ${max}`)

export const oneOf =
  <const T extends string>(...allowed: readonly T[]): Shape<T> =>
  (value, at) =>
    allowed.find((one) => one === value) ?? refuse(at, `be one of ${allowed.join(', ')}`)

export const matching =
  (pattern: RegExp): Shape<string> =>
  (value, at) =>
    typeof value === 'string' && pattern.test(value) ? value : refuse(at, `match ${pattern.source}`)

export const text =
  (max: number): Shape<string> =>
  (value, at) =>
    typeof value === 'string' && value.length <= max
      ? value
      : refuse(at, `be a text of at most ${max} characters`)

export const number: Shape<number> = (value, at) =>
  typeof value === 'number' && Number.isFinite(value) ? value : refuse(at, 'be a number')

export const integer =
  (max = Number.MAX_SAFE_INTEGER): Shape<number> =>
  (value, at) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max
      ? value
      : refuse(at, `be an integer from 0 to ${max}`)

export const nullable =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value, at) =>
    value === null ? null : shape(value, at)

/** What files of an older version lack. */
export const absent =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value, at) =>
    value === undefined ? null : nullable(shape)(value, at)

/** A value that one of the protocol's schemas describes, brand and all. */
export function schema<T>(known: {
  safeParse(value: unknown): { success: true; data: T } | { success: false }
}): Shape<T> {
  return (value, at) => {
    const parsed = known.safeParse(value)
    return parsed.success ? parsed.data : refuse(at, 'be a known id')
  }
}

function refuse(at: string, rule: string): never {
  throw new Misfit(`${at} must ${rule}`)
}
