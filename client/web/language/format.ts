/** A text, or one for each of the language's plural categories. `{…}` are placeholders. */
export type Text = string | PluralText
export type PluralText = { readonly other: string } & {
  readonly [C in Intl.LDMLPluralRule]?: string
}
export type Values = Readonly<Record<string, string | number>>

/** The text with its placeholders filled. The first number among the values chooses the plural category. */
export function fill(text: Text, values: Values, language: string): string {
  const template =
    typeof text === 'string' ? text : (text[categoryOf(values, language)] ?? text.other)
  return template.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = values[name]
    if (value === undefined) return hole
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value
  })
}

/** 724000 → 12:04, 3600000 → 1:00:00. Seconds are cut, never rounded up. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (n: number) => String(n).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`
}

/** Time left, rounded up, so that 0:00 is shown only when it is over. */
export const countdown = (ms: number): string => clock(Math.ceil(ms / 1000) * 1000)

export const list = (items: readonly string[], language: string): string =>
  new Intl.ListFormat(language, { type: 'conjunction' }).format(items)

export const timeOfDay = (ms: number, language: string): string =>
  new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' }).format(ms)

export const dateAndTime = (ms: number, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' }).format(ms)

/** To the second: what stands in evidence is looked up by it. */
export const exactTime = (ms: number, language: string): string =>
  new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(ms)

/** A day of the reader's own time zone. */
export const dayOf = (ms: number, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long' }).format(ms)

/** Day, time to the second, and in whose time zone. */
export const exactMoment = (ms: number, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'long' }).format(ms)

/** An ISO date, 2026-03-01, as the language writes it: a day has no time zone. */
export const day = (isoDate: string, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(
    Date.parse(isoDate),
  )

/** 30 → 30 days. */
export const days = (count: number, language: string): string => unit(count, 'day', language)

/** 120000 → 2 minutes; below two minutes that are no whole minute, seconds. */
export const span = (ms: number, language: string): string =>
  ms % 60_000 === 0
    ? unit(ms / 60_000, 'minute', language)
    : unit(Math.round(ms / 1000), 'second', language)

/** DE → Germany; a code that the browser does not know stays as it is. */
export function country(code: string, language: string): string {
  try {
    return new Intl.DisplayNames(language, { type: 'region' }).of(code.toUpperCase()) ?? code
  } catch {
    // RangeError: two characters, yet no region code.
    return code
  }
}

/** As it stands in the middle of a sentence. German keeps the capitals of its nouns. */
export const inSentence = (text: string, language: string): string =>
  /^de\b/.test(language) ? text : text.slice(0, 1).toLocaleLowerCase(language) + text.slice(1)

/** Up to two letters that stand for a face. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/\s+/)
    .filter((word) => /^[\p{L}\p{N}]/u.test(word))
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return ends
    .map((word) => Array.from(word ?? '·')[0])
    .join('')
    .toUpperCase()
}

function categoryOf(values: Values, language: string): Intl.LDMLPluralRule {
  const count = Object.values(values).find((value) => typeof value === 'number')
  return new Intl.PluralRules(language).select(count ?? 0)
}

const unit = (count: number, name: string, language: string): string =>
  new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'long' }).format(count)
