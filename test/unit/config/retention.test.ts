import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { longestLives, Settings } from '../../../src/config/index.ts'
import { retentionProblems } from '../../../src/config/retention.ts'
import { dataKinds } from '../../../src/audit/records.ts'
import { changed, example, type Document } from './settings.ts'

const settings = (document: Document): Settings => Settings.parse(document)
const problems = (document: Document): string[] => retentionProblems(settings(document))

describe('the table of longest lives', () => {
  test('has a row for every kind of data that the log knows', () => {
    expect(Object.keys(longestLives(settings({})))).toEqual([...dataKinds])
  })

  test('has safe defaults: a year of recordings, three of proof, thirty days of backups', () => {
    expect(longestLives(settings({}))).toEqual({
      recording: 365,
      evidence: 1095,
      'rights-request': 1095,
      backup: 30,
    })
  })

  test.each([0, -1, 1.5, 36_501, null])('takes no life of %s days', (days) => {
    expect(Settings.safeParse({ retention: { recordingDays: days } }).success).toBe(false)
  })
})

describe('an issuer', () => {
  test('can shorten every life, and what it then promises must fit', async () => {
    const document = changed(await example('assent'), 'issuers.0.retention', {
      recordingDays: 29,
      evidenceDays: 90,
      rightsRequestDays: 400,
      backupDays: 7,
    })
    expect(problems(document)).toEqual([
      'issuers.0.recording.retentionDays.0: longer than issuers.0.retention.recordingDays allows; at most 29 days',
      'issuers.0.recording.evidenceDays: longer than issuers.0.retention.evidenceDays allows; at most 90 days',
    ])
    const kept = changed(document, 'issuers.0.recording.retentionDays', [1, 29])
    expect(problems(changed(kept, 'issuers.0.recording.evidenceDays', 90))).toEqual([])
  })

  test.each([
    ['recordingDays', 365],
    ['evidenceDays', 1095],
    ['rightsRequestDays', 1095],
    ['backupDays', 30],
  ])('that would lengthen %s is refused, by the rule’s name', async (kind, most) => {
    const path = `issuers.0.retention.${kind}`
    const document = await example('assent')
    expect(problems(changed(document, path, most))).toEqual([])
    expect(problems(changed(document, path, most + 1))).toEqual([
      `${path}: longer than retention.${kind} allows; at most ${most} days`,
    ])
  })

  test.each([
    ['retentionDays', [30, 366], 'retentionDays.1', 'retention.recordingDays', 365],
    ['evidenceDays', 1096, 'evidenceDays', 'retention.evidenceDays', 1095],
  ])('that offers %s beyond the table is refused', async (key, value, where, rule, most) => {
    const document = changed(await example('assent'), `issuers.0.recording.${key}`, value)
    expect(problems(document)).toEqual([
      `issuers.0.recording.${where}: longer than ${rule} allows; at most ${most} days`,
    ])
  })

  test('that wants short backups has them short for all', async () => {
    const document = await example('assent')
    const both = changed(document, 'issuers', [
      ...(document['issuers'] as Document[]),
      changed((document['issuers'] as Document[])[0]!, 'retention', { backupDays: 3 }),
    ])
    expect(longestLives(settings(both)).backup).toBe(3)
  })

  test('never gets past the table, whatever it writes', async () => {
    const document = await example('assent')
    const days = fc.integer({ min: 1, max: 2000 })
    fc.assert(
      fc.property(days, fc.option(days), days, (table, own, offered) => {
        const named = changed(document, 'retention.recordingDays', table)
        const ruled = changed(named, 'issuers.0.retention.recordingDays', own)
        const asked = changed(ruled, 'issuers.0.recording.retentionDays', [offered])
        const isWithin = offered <= table && (own === null || (own <= table && offered <= own))
        expect(problems(asked).length === 0).toBe(isWithin)
      }),
    )
  })
})
