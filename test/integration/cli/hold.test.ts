import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startOperatorSocket } from '#server'
import { holdCommand } from '../../../src/cli/hold.ts'
import { answering } from '../../support/operator-handlers.ts'
import { account, Office } from '../privacy/office.ts'

let office: Office
let socket: AsyncDisposable
beforeEach(async () => {
  office = await Office.open()
  socket = await startOperatorSocket({
    path: join(office.dir, 'operator.sock'),
    handlers: answering(office.rights.commands),
    archive: async () => null,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  })
})
afterEach(async () => {
  await socket[Symbol.asyncDispose]()
  await office[Symbol.asyncDispose]()
})

async function hold(...args: readonly string[]) {
  let [said, complained] = ['', '']
  const code = await holdCommand([...args, '--data', office.dir], {
    stdout: { write: (text) => (said += text) },
    stderr: { write: (text) => (complained += text) },
  })
  return { code, said, complained }
}

test('L22 an operator keeps a call from being erased, sees it listed, and lifts it; the log names them', async () => {
  const call = await office.call(['Ann'])
  expect(await hold('list')).toMatchObject({ code: 0, said: 'No call is on hold.\n' })
  const listed = { code: 0, said: `On hold:\n  ${call.session}\n`, complained: '' }
  expect(await hold('place', call.session, '--by', 'otto')).toEqual(listed)
  expect(await hold('list')).toEqual(listed)
  await expect(office.rights.acts.erase(account('Ann'), {})).rejects.toMatchObject({ code: 'ON_HOLD' })
  expect(await hold('lift', call.session, '--by', 'otto')).toMatchObject({ said: 'No call is on hold.\n' })
  const said = (await office.cores(call.session)).filter(({ type }) => type === 'hold')
  expect(said).toMatchObject([
    { event: { state: 'placed', entity: 'otto' } },
    { event: { state: 'lifted', entity: 'otto' } },
  ])
})

test.each([
  ['nothing to do', [], 'say place, lift or list'],
  ['no call', ['place'], 'name the call'],
  ['what is no call', ['lift', '../log'], 'name the call'],
  ['two calls', ['place', 'a', 'b'], 'say place, lift or list'],
  ['a name that the log cannot say', ['list', '--by', 'Otto Müller'], '--by is a name'],
])('%s is a mistake that is explained', async (_, args, message) => {
  const { code, said, complained } = await hold(...args)
  expect([code, said, complained]).toEqual([2, '', expect.stringContaining(message)])
  expect(complained).toContain('Usage: npx assent hold')
})

test('a call of which nothing is kept is not found', async () => {
  const { code, complained } = await hold('place', `call_${'a'.repeat(26)}`)
  expect([code, complained]).toEqual([2, expect.stringContaining('nothing of it is kept')])
})
