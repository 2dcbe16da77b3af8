import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { to27560JsonLd } from '../../../../src/audit/exports/index.ts'
import { exampleEvidence } from '../../../../scripts/exports/example.ts'
import { decided, generated, validUntil } from './evidence.ts'

const evidence = exampleEvidence()
const { core, asked, log } = evidence
const receipt = to27560JsonLd(evidence)
const record = receipt['dpv:hasRecordOfActivity']
const process = record['dpv:hasProcess']
const profiles = 'https://w3id.org/dpv/schema/dpv-27560'
const id = 'urn:uuid:3f1c9a5e-07b2-8d68-80e1-d2c3b4a59687'

describe('every field of ISO/IEC TS 27560 and of the GDPR, and where it is from', () => {
  test.each<[string, unknown, unknown]>([
    ['schema_version', record['dct:conformsTo'], `${profiles}#record-eu-gdpr`],
    ['schema_version of the receipt', receipt['dct:conformsTo'], `${profiles}#receipt-eu-gdpr`],
    ['record_id', record['dct:identifier'], core.recordId],
    ['receipt_id', receipt['dpv:hasIdentifier'], core.recordId],
    [
      'pii_principal_id',
      record['dpv:hasDataSubject'],
      {
        '@id': `${id}#subject`,
        '@type': 'dpv:DataSubject',
        'dct:identifier': [core.subject.ref, 'anna@clinic.example'],
        'dpv:hasName': 'Anna Example',
      },
    ],
    ['privacy_notice', record['dpv:hasNotice']['schema:sha256'], core.noticeSha256],
    ['language', record['dpv:hasNotice']['dct:language'], asked.notice.lang],
    ['service', process['dpv:hasService']['dct:identifier'], core.session.id],
    ['purpose', process['dpv:hasPurpose'][0]!['dct:description'], asked.purposes[0]!.text],
    ['purpose_type', process['dpv:hasPurpose'][0]!['dct:type'], asked.purposes[0]!.category],
    ['lawful_basis', process['dpv:hasLegalBasis']['@type'][0], 'eu-gdpr:A6-1-a'],
    [
      'lawful_basis, in words',
      process['dpv:hasLegalBasis']['dct:description'],
      asked.lawfulBasis,
    ],
    [
      'pii_information, pii_type',
      process['dpv:hasPersonalData'].map((one) => one['skos:broader']),
      ['pd:VoiceCommunicationRecording', 'pd:Picture'],
    ],
    ['pii_optional', process['dpv:hasPersonalData'][0]!['dpv:hasNecessity'], 'dpv:Optional'],
    ['pii_controllers', process['dpv:hasDataController'], [`${id}#controller-1`]],
    ['collection_method', process['dpv:hasDataSource']['dct:description'], asked.collectionMethod],
    ['processing_method', process['dpv:hasProcessing'], ['dpv:Record', 'dpv:Store']],
    [
      'storage_locations',
      process['dpv:hasStorageCondition'][0],
      {
        '@type': 'dpv:StorageLocation',
        'dct:title': asked.storage[0]!.location,
        'dpv:hasLocation': 'loc:DE',
      },
    ],
    ['retention_period of the recording', durationOf('recording'), 'P30D'],
    ['retention_period of the evidence', durationOf('evidence'), 'P1095D'],
    ['processing_locations', process['dpv:hasProcessingCondition']['dpv:hasLocation'], ['loc:DE']],
    [
      'geographic_restrictions',
      process['dpv:hasRule'][0],
      { '@type': 'dpv:Prohibition', 'dpv:hasProcessing': 'dpv:CrossBorderTransfer' },
    ],
    ['jurisdiction', process['dpv:hasJurisdiction'], ['loc:DE']],
    [
      'recipient_third_parties',
      process['dpv:hasRecipient'].map((one) => one['dpv:hasName']),
      asked.recipients.map(({ name }) => name),
    ],
    [
      'withdrawal_method',
      process['dpv:hasConsentControl']['dpv:isExercisedAt'],
      'https://calls.clinic.example/me',
    ],
    [
      'privacy_rights',
      process['dpv:hasRight']['dpv:isExercisedAt'],
      'https://calls.clinic.example/me',
    ],
    ['authority_party', process['dpv:hasAuthority'], `${id}#authority`],
    [
      'party_id, _name, _address, _contact, _role, _type',
      record['dpv:hasEntity'][1],
      {
        '@id': `${id}#processor-1`,
        '@type': 'dpv:DataProcessor',
        'dct:type': 'processor',
        'dpv:hasIdentifier': `${id}#processor-1`,
        'dpv:hasName': asked.processors[0]!.name,
        'dpv:hasAddress': asked.processors[0]!.address,
        'dpv:hasContact': asked.processors[0]!.contact,
      },
    ],
    ['event_time', status(evidence)['dpv:isIndicatedAtTime'], '2026-05-04T09:02:30.000Z'],
    ['event_type', process['dpv:hasLegalBasis']['@type'][1], 'dpv:ExplicitlyExpressedConsent'],
    [
      'the entry in the log',
      record['dct:source'],
      { 'dct:identifier': `${log.origin} 4`, 'dct:provenance': log.checkpoint },
    ],
  ])('%s', (_, written, expected) => {
    expect(written).toEqual(expected)
  })
})

/** event_state, entity_id and validity_duration. */
test.each([
  ['given', 'click', ['dpv:ConsentGiven', 'dpv:ExplicitlyExpressedConsent'], 'subject', 'Until'],
  ['refused', 'click', 'dpv:ConsentRefused', 'subject', 'Endless'],
  ['refused', 'timeout', 'dpv:ConsentRefused', 'controller-1', 'Endless'],
  ['refused', 'disconnect', 'dpv:ConsentRefused', 'controller-1', 'Endless'],
  ['refused', 'policy', 'dpv:ConsentRefused', 'controller-1', 'Endless'],
  ['withdrawn', 'click', 'dpv:ConsentWithdrawn', 'subject', 'Endless'],
  ['withdrawn', 'disconnect', 'dpv:ConsentRevoked', 'controller-1', 'Endless'],
  ['withdrawn', 'policy', 'dpv:ConsentRevoked', 'controller-1', 'Endless'],
] as const)('%s by %s is %s, said by the %s', (state, cause, type, by, lasts) => {
  const written = status(decided({ state, cause } as Parameters<typeof decided>[0]))
  expect(written).toMatchObject({
    '@type': type,
    'dpv:isIndicatedBy': `${id}#${by}`,
    'dpv:hasDuration': { '@type': expect.stringMatching(`^dpv:${lasts}`) },
  })
  expect(written['dpv:hasIndicationMethod'][0]).toBe(cause)
})

test('a decision without a signature is only what the server says', () => {
  expect(status(evidence)['dpv:hasIndicationMethod'][1]).toBe('signed by the person')
  expect(status({ ...evidence, proof: undefined })['dpv:hasIndicationMethod'][1]).toBe(
    'attested by the server',
  )
  const unseen = { ...evidence, proof: undefined, mayBeSigned: true }
  expect(status(unseen)['dpv:hasIndicationMethod'][1]).toBe(
    'attested by the server, a signature is not at hand',
  )
})

test('a person of whom nothing more is known is the random id of the call', () => {
  for (const subject of [undefined, {}]) {
    const { 'dpv:hasRecordOfActivity': record } = to27560JsonLd({ ...evidence, subject })
    expect(record['dpv:hasDataSubject']).toEqual({
      '@id': `${id}#subject`,
      '@type': 'dpv:DataSubject',
      'dct:identifier': [core.subject.ref],
    })
  }
})

test('consent ends with the session, or at the time that was said', () => {
  const until = (end: number | 'end-of-session') =>
    status(validUntil(end))['dpv:hasDuration']
  expect(until('end-of-session')).toEqual({
    '@type': 'dpv:UntilEventDuration',
    'rdf:value': 'end-of-session',
  })
  expect(until(0)).toEqual({
    '@type': 'dpv:UntilTimeDuration',
    'rdf:value': '1970-01-01T00:00:00.000Z',
  })
})

test('a transfer is told as it was, and a place that is no code as its name', () => {
  const other = to27560JsonLd({
    ...evidence,
    asked: { ...asked, transfers: ['to Elbonia'], jurisdiction: ['Elbonia', 'US-CA'] },
  })['dpv:hasRecordOfActivity']['dpv:hasProcess']
  expect(other['dpv:hasRule'][0]).toEqual({
    '@type': 'dpv:Permission',
    'dpv:hasProcessing': 'dpv:CrossBorderTransfer',
    'dct:description': 'to Elbonia',
  })
  expect(other['dpv:hasJurisdiction']).toEqual([
    { '@type': 'dpv:Location', 'dct:title': 'Elbonia' },
    'loc:US-CA',
  ])
})

test('its context explains every prefix, and whatever it refers to is in it', () => {
  fc.assert(
    fc.property(generated, ({ evidence }) => {
      const { '@context': context, ...rest } = to27560JsonLd(evidence)
      const isName = (key: string) =>
        key === '@type' || JSON.stringify(Reflect.get(context, key)) === '{"@type":"@id"}'
      const leaves = leavesOf(rest)
      const names = leaves.filter(([key]) => isName(key)).map(([, value]) => String(value))
      const terms = [...leaves.map(([key]) => key), ...names].filter(
        (term) => !/^(@|urn:|https:)/.test(term),
      )
      for (const term of terms) expect(context).toHaveProperty([term.split(':')[0]!])

      const things = leaves.filter(([key]) => key === '@id').map(([, value]) => value)
      const referred = names.filter((name) => name.startsWith('urn:'))
      expect(things).toEqual(expect.arrayContaining(referred))
      expect(new Set(referred).size).toBeGreaterThanOrEqual(2)
    }),
  )
})

/** Every value that is no object and no list, with the property it belongs to. */
const leavesOf = (value: unknown, key = ''): [key: string, value: unknown][] =>
  Array.isArray(value)
    ? value.flatMap((one) => leavesOf(one, key))
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, one]) => leavesOf(one, name))
      : [[key, value]]

function status(of: typeof evidence) {
  return to27560JsonLd(of)['dpv:hasRecordOfActivity']['dpv:hasConsentStatus']
}

function durationOf(what: string): unknown {
  for (const one of process['dpv:hasStorageCondition'])
    if ('dpv:hasDuration' in one && one['dct:title'] === what)
      return one['dpv:hasDuration']['rdf:value']
  return undefined
}
