import { describe, expect, test } from 'vitest'
import { toKantara11 } from '../../../../src/audit/exports/index.ts'
import { exampleEvidence } from '../../../../scripts/exports/example.ts'
import { decided, decisions, validUntil } from './evidence.ts'

const evidence = exampleEvidence()
const { core, asked } = evidence
const receipt = toKantara11(evidence)
const service = receipt.services[0]!
const purpose = service.purposes[0]!

describe('every field of the receipt, and where it is from', () => {
  test.each<[string, unknown, unknown]>([
    ['version', receipt.version, 'KI-CR-v1.1.0'],
    ['jurisdiction', receipt.jurisdiction, 'DE'],
    ['consentTimestamp', receipt.consentTimestamp, core.event.time / 1000],
    ['collectionMethod', receipt.collectionMethod, asked.collectionMethod],
    ['consentReceiptID', receipt.consentReceiptID, core.recordId],
    ['language', receipt.language, asked.notice.lang],
    ['piiPrincipalId', receipt.piiPrincipalId, evidence.subject!.account],
    ['policyUrl', receipt.policyUrl, 'https://calls.clinic.example/policy/en'],
    [
      'piiControllers: the controller',
      receipt.piiControllers[0],
      {
        piiController: asked.controllers[0]!.name,
        onBehalf: false,
        contact: 'privacy@clinic.example',
        address: { streetAddress: asked.controllers[0]!.address },
        email: 'privacy@clinic.example',
        phone: 'N/A',
        piiControllerUrl: 'https://clinic.example',
      },
    ],
    [
      'piiControllers: who works for them',
      receipt.piiControllers[1],
      {
        piiController: asked.processors[0]!.name,
        onBehalf: true,
        contact: '+49 69 0000 0000',
        address: { streetAddress: asked.processors[0]!.address },
        email: 'N/A',
        phone: '+49 69 0000 0000',
      },
    ],
    ['service', service.service, `Call ${core.session.id}`],
    ['purpose', purpose.purpose, asked.purposes[0]!.text],
    ['purposeCategory', purpose.purposeCategory, [asked.purposes[0]!.category]],
    ['consentType', purpose.consentType, 'EXPLICIT'],
    ['piiCategory', purpose.piiCategory, ['audio', 'video']],
    ['primaryPurpose', purpose.primaryPurpose, false],
    ['thirdPartyDisclosure', purpose.thirdPartyDisclosure, true],
    ['sensitive', receipt.sensitive, false],
    ['spiCat', receipt.spiCat, []],
    [
      'termination',
      purpose.termination,
      'Ends with the call; or when it is withdrawn: one click in the call, ' +
        'https://calls.clinic.example/me, privacy@clinic.example; ' +
        'the recording is kept for P30D from its end',
    ],
  ])('%s', (_, written, expected) => {
    expect(written).toEqual(expected)
  })
})

test('the time is whole seconds, never a second early', () => {
  const at = (time: number) =>
    toKantara11({ ...evidence, core: { ...core, event: { ...core.event, time } } as typeof core })
      .consentTimestamp
  expect([at(1999), at(2000), at(0)]).toEqual([1, 2, 0])
})

test('a consent with a last moment says so', () => {
  const { services } = toKantara11(validUntil(1000))
  expect(services[0]!.purposes[0]!.termination).toMatch(/^Ends at 1970-01-01T00:00:01.000Z; /)
})

test('it names who else gets the recording, or says that nobody does', () => {
  const of = (recipients: typeof asked.recipients) =>
    toKantara11({ ...evidence, asked: { ...asked, recipients } }).services[0]!.purposes[0]!
  const [reader] = asked.recipients
  expect(of([reader!, { ...reader!, name: 'B' }])).toMatchObject({
    thirdPartyName: 'Dr. Cara Reader, B',
  })
  expect(of([])).toMatchObject({ thirdPartyDisclosure: false })
  expect(of([])).not.toHaveProperty('thirdPartyName')
})

test('without an account the person is their random id of the call', () => {
  expect(toKantara11({ ...evidence, subject: undefined }).piiPrincipalId).toBe(core.subject.ref)
  expect(toKantara11({ ...evidence, subject: { name: 'A' } }).piiPrincipalId).toBe(core.subject.ref)
})

test.each(decisions.filter(({ state }) => state !== 'given'))(
  '$state by $cause has no receipt in this format',
  (decision) => {
    expect(() => toKantara11(decided(decision))).toThrow(
      expect.objectContaining({
        code: 'export-not-given',
        message: expect.stringContaining('use iso27560 or vcon'),
      }),
    )
  },
)
