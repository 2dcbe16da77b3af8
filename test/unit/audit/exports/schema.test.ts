import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { DecisionEvidence } from '../../../../src/audit/exports/index.ts'
import { variants } from './evidence.ts'
import { exported, formats, names, refusal, type Format, type Json } from './schemas.ts'

/** What an export may leave out, by its place without indices; everything else that it writes is mandatory. */
const optional: Readonly<Record<Format, readonly string[]>> = {
  iso27560: [
    'dpv:hasRecordOfActivity.dpv:hasDataSubject.dpv:hasName',
    'dpv:hasRecordOfActivity.dpv:hasProcess.dpv:hasRule.dpv:hasProcessing',
    'dpv:hasRecordOfActivity.dpv:hasProcess.dpv:hasRule.dpv:hasContext',
    'dpv:hasRecordOfActivity.dpv:hasProcess.dpv:hasRule.dct:description',
    // Of a controller or processor; an authority has no other contact.
    'dpv:hasRecordOfActivity.dpv:hasEntity.schema:url',
  ],
  kantara: ['piiControllers.piiControllerUrl'],
  vcon: ['parties.name', 'parties.validation'],
}
/** Mandatory for these members of a list, where the table above lets the others go without. */
const mandatoryAt: Readonly<Record<Format, readonly string[]>> = {
  iso27560: ['dpv:hasRecordOfActivity.dpv:hasEntity.2.schema:url'],
  kantara: [],
  vcon: ['parties.1.name', 'parties.1.validation', 'parties.2.name', 'parties.2.validation'],
}

const [given] = variants() as [DecisionEvidence]
const cases = names.flatMap((format) =>
  variants()
    .filter(({ core }) => format !== 'kantara' || core.event.state === 'given')
    .map((evidence, i) => ({ format, i, whole: exported(format, evidence) })),
)

describe.each(cases)('the schema of $format, of what it says in case $i,', ({ format, whole }) => {
  test('takes the whole', () => {
    expect(refusal(format, whole)).toBeUndefined()
  })

  test('refuses it without any one of its mandatory fields', () => {
    const accepted = described(whole).filter(
      (at) => refusal(format, without(whole, at)) === undefined,
    )
    const expected = described(whole).filter(
      (at) =>
        !mandatoryAt[format].includes(at.join('.')) &&
        optional[format].includes(at.filter((key) => typeof key === 'string').join('.')),
    )
    expect(accepted.map((at) => at.join('.'))).toEqual(expected.map((at) => at.join('.')))
  })

  test('refuses a field that nobody described, in every object', () => {
    const objects = [[], ...described(whole), ...itemsOf(whole)].filter(
      (at) => isObject(valueAt(whole, at)) && at[0] !== '@context',
    )
    expect(objects.length).toBeGreaterThan(5)
    for (const at of objects)
      expect(
        refusal(format, replaced(whole, [...at, 'note'], 'hello')),
        `${at.join('.')}.note`,
      ).toBeDefined()
  })

  test('refuses another kind of value in every place', () => {
    for (const at of [...described(whole), ...itemsOf(whole)]) {
      for (const wrong of [null, { not: 'this' }])
        expect(refusal(format, replaced(whole, at, wrong)), at.join('.')).toBeDefined()
    }
  })
})

test.each(names)('the schema of %s uses no word that its validator only skips over', (format) => {
  const used = new Set<string>()
  visit(formats[format].schema, used)
  expect([...used].filter((word) => !(word in enforced) && !annotations.includes(word))).toEqual([])
})

test.each<[Format, readonly (string | number)[], Json]>([
  ['kantara', ['consentTimestamp'], '2026-05-04T09:02:30.000Z'],
  ['kantara', ['consentTimestamp'], 1.5],
  ['kantara', ['consentTimestamp'], -1],
  ['kantara', ['version'], 'KI-CR-v1.0.0'],
  ['kantara', ['piiControllers'], []],
  ['kantara', ['services', 0, 'purposes', 0, 'consentType'], 'IMPLICIT'],
  ['kantara', ['services', 0, 'purposes', 0, 'thirdPartyDisclosure'], false],
  ['kantara', ['sensitive'], true],
  ['vcon', ['uuid'], '3f1c9a5e-07b2-4d68-80e1-d2c3b4a59687'],
  ['vcon', ['created_at'], '4 May 2026'],
  ['vcon', ['extensions'], []],
  ['vcon', ['attachments', 0, 'body', 'expiration'], null],
  ['vcon', ['attachments', 0, 'body', 'purpose_grants'], []],
  ['vcon', ['attachments', 0, 'body', 'proof_mechanisms'], []],
  ['vcon', ['attachments', 0, 'encoding'], 'none'],
  ['vcon', ['parties'], []],
  ['vcon', ['dialog'], []],
  ['iso27560', ['dct:conformsTo'], 'https://w3id.org/dpv/schema/dpv-27560#receipt'],
  ['iso27560', ['dpv:hasRecordOfActivity', 'dpv:hasConsentStatus', '@type'], 'dpv:ConsentGiven'],
  ['iso27560', ['dpv:hasRecordOfActivity', 'dpv:hasProcess', 'dpv:hasDataController'], []],
  ['iso27560', ['dpv:hasRecordOfActivity', 'dpv:hasProcess', 'dpv:hasPersonalData'], []],
  ['iso27560', ['dpv:hasRecordOfActivity', 'dpv:hasNotice', 'schema:sha256'], 'a'],
  ['iso27560', ['dpv:hasRecordOfActivity', 'dpv:hasNotice', 'dct:date'], '4 May 2026'],
  ['iso27560', ['@context', 'dpv'], 'https://example.org/dpv#'],
])('%s with %j of %j is refused', (format, at, value) => {
  expect(refusal(format, replaced(exported(format, given), at, value))).toBeDefined()
})

/** The words of JSON Schema that the schemas use: each with a value it takes and one that it must not take. */
const enforced: Readonly<Record<string, readonly [schema: object, good: Json, bad: Json]>> = {
  type: [{ type: 'integer' }, 1, 1.5],
  const: [{ const: 'a' }, 'a', 'b'],
  enum: [{ enum: ['a', 'b'] }, 'b', 'c'],
  pattern: [{ type: 'string', pattern: '^a$' }, 'a', 'aa'],
  minLength: [{ type: 'string', minLength: 1 }, 'a', ''],
  format: [{ type: 'string', format: 'date-time' }, '2026-05-04T09:02:30Z', '2026-05-04'],
  minimum: [{ type: 'number', minimum: 0 }, 0, -0.5],
  items: [{ type: 'array', items: { type: 'string' } }, ['a'], [1]],
  prefixItems: [{ type: 'array', prefixItems: [{ const: 1 }], items: false }, [1], [1, 2]],
  minItems: [{ type: 'array', items: { const: 1 }, minItems: 2 }, [1, 1], [1]],
  contains: [{ type: 'array', items: { type: 'string' }, contains: { const: 'a' } }, ['a'], ['b']],
  properties: [{ type: 'object', properties: { a: { const: 1 } } }, { a: 1 }, { a: 2 }],
  required: [{ type: 'object', properties: { a: {} }, required: ['a'] }, { a: 1 }, {}],
  additionalProperties: [
    { type: 'object', properties: {}, additionalProperties: false },
    {},
    { a: 1 },
  ],
  anyOf: [{ anyOf: [{ const: 1 }, { const: 2 }] }, 2, 3],
  $ref: [{ $ref: '#/$defs/a', $defs: { a: { const: 1 } } }, 1, 2],
}
const annotations = ['$schema', '$id', '$defs', 'title', 'description']

test.each(Object.entries(enforced))('the validator enforces %s', (_, [schema, good, bad]) => {
  const validator = z.fromJSONSchema({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...schema,
  } as z.core.JSONSchema.JSONSchema)
  expect(validator.safeParse(good).success).toBe(true)
  expect(validator.safeParse(bad).success).toBe(false)
})

type Place = readonly (string | number)[]

/** Every field but those of a JSON-LD context that say how a term is read: it may say more, and its prefixes no less. */
const described = (json: Json): Place[] =>
  placesOf(json).filter(([first, second]) => first !== '@context' || !`${second}`.includes(':'))

/** Every field of every object. */
function placesOf(json: Json, at: Place = []): Place[] {
  if (Array.isArray(json)) return json.flatMap((one, i) => placesOf(one, [...at, i]))
  if (!isObject(json)) return []
  return Object.entries(json).flatMap(([key, value]) => [
    [...at, key],
    ...placesOf(value, [...at, key]),
  ])
}

/** Every member of every list. */
function itemsOf(json: Json): Place[] {
  return placesOf(json).flatMap((at) => {
    const value = valueAt(json, at)
    return Array.isArray(value) ? value.map((_, i) => [...at, i]) : []
  })
}

const isObject = (json: Json | undefined): json is { readonly [key: string]: Json } =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

const child = (json: Json | undefined, key: string | number): Json | undefined =>
  typeof json === 'object' && json !== null
    ? (json as Record<string | number, Json>)[key]
    : undefined

const valueAt = (json: Json, at: Place): Json | undefined =>
  at.reduce<Json | undefined>((value, key) => child(value, key), json)

function replaced(json: Json, at: Place, value: Json): Json {
  const copy = structuredClone(json)
  const parent = valueAt(copy, at.slice(0, -1)) as Record<string | number, Json>
  parent[at.at(-1)!] = value
  return copy
}

function without(json: Json, at: Place): Json {
  const copy = structuredClone(json)
  delete (valueAt(copy, at.slice(0, -1)) as Record<string | number, Json>)[at.at(-1)!]
  return copy
}

/** Collects the words of a schema, and holds each `required` to what is described beside it. */
function visit(schema: Json, used: Set<string>): void {
  if (!isObject(schema)) return
  for (const key of Object.keys(schema)) used.add(key)
  const { properties, required, $defs, items, contains, anyOf, prefixItems } = schema
  for (const name of (required ?? []) as string[])
    expect(Object.keys((properties ?? {}) as object), name).toContain(name)
  const inside = [
    ...Object.values((properties ?? {}) as Record<string, Json>),
    ...Object.values(($defs ?? {}) as Record<string, Json>),
    ...((anyOf ?? []) as Json[]),
    ...((prefixItems ?? []) as Json[]),
  ]
  for (const one of inside) visit(one, used)
  for (const one of [items, contains]) if (one !== undefined) visit(one, used)
}
