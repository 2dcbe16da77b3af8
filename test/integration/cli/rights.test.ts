import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startOperatorSocket } from '#server'
import { rightsCommand } from '../../../src/cli/rights.ts'
import { answering } from '../../support/operator-handlers.ts'
import { account, dayMs, issuer, Office } from '../privacy/office.ts'

let office: Office
let socket: AsyncDisposable
beforeEach(async () => {
  office = await Office.open()
  office.clock.now = Date.now()
  socket = await startOperatorSocket({
    path: join(office.dir, 'operator.sock'),
    handlers: answering(office.rights.commands),
    archive: (ticket) => office.rights.archive(ticket),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  })
})
afterEach(async () => {
  await socket[Symbol.asyncDispose]()
  await office[Symbol.asyncDispose]()
})

async function run(...args: readonly string[]) {
  const said: string[] = []
  const complained: string[] = []
  const code = await rightsCommand(args, {
    stdout: { write: (text) => said.push(text) },
    stderr: { write: (text) => complained.push(text) },
  })
  return { code, said: said.join(''), complained: complained.join('') }
}
const letter = (act: string, ...more: readonly string[]) =>
  run(act, '--data', office.dir, '--issuer', issuer, '--account', 'ann@example.org', '--by', 'otto', ...more)
const idIn = (said: string): string => /rights_[a-z2-7]{26}/.exec(said)![0]

describe('assent rights', () => {
  test('takes a letter, shows by when it must be met, extends it with a reason, and names the operator', async () => {
    const came = new Date(office.clock.now - 10 * dayMs).toISOString().slice(0, 10)
    const { said, code } = await letter('register', 'access', '--received', came)
    expect([code, said]).toEqual([0, expect.stringContaining('access: received, due ')])
    const id = idIn(said)
    const before = await run('list', '--data', office.dir)
    expect(before.said).toMatch(new RegExp(`^${id} {2}access {3}by letter came ${came} {2}due .* days left\n$`))
    const extended = await run('extend', id, '--data', office.dir, '--reason', 'many calls', '--by', 'otto')
    expect(extended.said).toContain('The person is told: many calls')
    expect((await run('list', '--data', office.dir)).said).toContain(', extended')
    const entities = (await office.cores(null)).map((core) => 'entity' in core.event && core.event.entity)
    expect(entities).toEqual(['otto', 'otto'])
  })

  test('says what is overdue', async () => {
    await letter('register', 'access', '--received', '2020-01-15')
    expect((await run('list', '--data', office.dir)).said).toContain('due 2020-02-15  OVERDUE')
  })

  test('writes the copy into a file that its owner alone can read, and meets the demand', async () => {
    await office.call(['Ann'])
    const out = join(office.dir, 'letter.zip')
    expect(await letter('access', '--out', out, '--lang', 'de')).toMatchObject({ code: 0, complained: '' })
    expect(readFileSync(out).subarray(0, 2).toString()).toBe('PK')
    expect(statSync(out).mode & 0o777).toBe(0o600)
    expect(await office.demandsInLog()).toEqual(['access received by letter', 'access done by letter'])
  })

  test('overwrites no file, and asks for nothing when it could not write', async () => {
    const out = join(office.dir, 'there.zip')
    writeFileSync(out, 'mine')
    const refused = await letter('access', '--out', out)
    expect([refused.code, refused.complained]).toEqual([2, expect.stringContaining('is there already')])
    expect(readFileSync(out, 'utf8')).toBe('mine')
    expect(await office.demandsInLog()).toEqual([])
  })

  test('corrects, restricts and lifts', async () => {
    await letter('correct', '--name', 'Anne')
    await letter('restrict')
    expect(office.rights.wishesOf(account('Ann'))).toEqual({ neverRecorded: true, name: 'Anne' })
    expect((await letter('restrict', '--lift')).said).toContain('restrict: withdrawn')
    expect((await letter('restrict', '--lift')).said).toBe('There was nothing to lift.\n')
    expect(office.rights.wishesOf(account('Ann')).neverRecorded).toBe(false)
  })

  test('erases, and says what is gone, what stays, why and until when', async () => {
    const call = await office.call(['Ann', 'Ben'])
    const { code, said } = await letter('erase')
    expect(code).toBe(0)
    expect(said).toContain('Destroyed: 1 tracks in recordings. Gone whole: 0 calls.')
    expect(said).toMatch(new RegExp(`${call.session} {2}stays without the name: .* until \\d{4}-`))
  })

  test('does not erase what is on hold, and says so by its code', async () => {
    const call = await office.call(['Ann'])
    await office.hold(call.session, true)
    const { code, complained } = await letter('erase')
    expect([code, complained]).toEqual([1, expect.stringContaining('[ON_HOLD]')])
    expect(await office.demandsInLog()).toEqual(['erase received by letter', 'erase refused by letter'])
  })

  test('shows what is held about whose demand it is, and the log says who looked', async () => {
    const { said } = await letter('register', 'erase', '--words', 'all of it')
    const shown = await run('show', idIn(said), '--data', office.dir)
    expect(JSON.parse(shown.said)).toMatchObject({
      request: { words: 'all of it' },
      about: { account: { subject: 'ann@example.org' } },
    })
    expect((await office.cores(null)).map(({ type }) => type)).toEqual(['rights', 'operation'])
  })

  test.each([
    [[], 'say what is to be done'],
    [['dance', '--data', 'x'], 'say what is to be done'],
    [['list'], '--data DIR'],
    [['erase', '--data', 'x'], '--issuer is missing'],
    [['show', 'me', '--data', 'x'], 'name the demand'],
    [['register', 'gold', '--data', 'x'], 'name one of access'],
    [['access', '--data', 'x'], '--out FILE.zip'],
    [['restrict', '--data', 'x', '--issuer', 'i', '--account', 'a', '--received', 'soon'], '--received'],
    [['list', '--loud'], '--loud'],
  ])('explains a mistake: %s', async (args, problem) => {
    const { code, said, complained } = await run(...args)
    expect([code, said]).toEqual([2, ''])
    expect(complained).toContain(problem)
    expect(complained).toContain('Usage: assent rights')
  })

  test('says that no server runs there', async () => {
    const { code, complained } = await run('list', '--data', join(office.dir, 'elsewhere'))
    expect([code, complained]).toEqual([2, expect.stringContaining('no server listens at')])
  })
})
