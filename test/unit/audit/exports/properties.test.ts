import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { encodeCore } from '../../../../src/audit/entry.ts'
import { generated, subjects } from './evidence.ts'
import { exported, formats, names, refusal, type Format } from './schemas.ts'

/** Kantara has no word for a no. */
const sayable = (format: Format) =>
  generated.filter(({ evidence }) => format !== 'kantara' || evidence.core.event.state === 'given')

describe.each(names)('%s', (format) => {
  afterEach(() => vi.useRealTimers())

  test('whatever was decided on whatever notice, the export keeps to its schema', () => {
    const said = new Set<string>()
    fc.assert(
      fc.property(sayable(format), ({ evidence }) => {
        // What is exported is what the log could hold.
        expect(() => encodeCore(evidence.core)).not.toThrow()
        const { state, cause } = evidence.core.event
        expect(refusal(format, exported(format, evidence))).toBeUndefined()
        said.add(`${state} ${cause}`)
      }),
      { numRuns: 400 },
    )
    expect(said.size).toBe(format === 'kantara' ? 1 : 8)
  })

  test('an erased subject leaves nothing in it, and who asked is never in it', () => {
    let told = 0
    fc.assert(
      fc.property(sayable(format), subjects, ({ evidence, notice }, subject) => {
        const text = JSON.stringify(formats[format].write({ ...evidence, subject }))
        const erased = JSON.stringify(formats[format].write({ ...evidence, subject: undefined }))
        const { name, account, auth } = subject
        for (const word of [name, account, auth?.method, auth?.issuer]) {
          if (word === undefined) continue
          told += Number(text.includes(word))
          expect(erased).not.toContain(word)
        }
        expect(text).not.toContain(notice.askedBy.name)
        for (const other of evidence.core.present.slice(1)) expect(text).not.toContain(other)
      }),
    )
    // Else the search would find nothing because it cannot find anything.
    expect(told).toBeGreaterThan(10)
  })

  test('the same evidence gives the same bytes, at whatever time', () => {
    vi.useFakeTimers()
    fc.assert(
      fc.property(sayable(format), ({ evidence }) => {
        vi.setSystemTime(1)
        const first = JSON.stringify(formats[format].write(evidence))
        vi.setSystemTime(1e12)
        expect(JSON.stringify(formats[format].write(structuredClone(evidence)))).toBe(first)
      }),
    )
  })
})
