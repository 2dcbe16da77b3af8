import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openConsentLog, type ConsentLog, type CoreRecord } from '#audit'
import { toBase64, utf8 } from '../../../src/audit/bytes.ts'
import { formatCheckpoint, signCheckpoint } from '../../../src/audit/checkpoint.ts'
import { groupDigest } from '../../../src/audit/commitment.ts'
import { leafHash } from '../../../src/audit/merkle.ts'
import { sha256 } from '../../../src/audit/sha256.ts'
import { verifyCommand } from '../../../src/cli/verify.ts'
import { signerOf, tamper } from '../../support/forger.ts'
import { logOptions } from '../../support/log-files.ts'
import { newStatementKey } from '../../support/person-key.ts'
import { SignedStory } from '../../support/signed-story.ts'
import { goodStory, origin, Story } from '../../unit/audit/story.ts'
import { changed, example } from '../../unit/config/settings.ts'
import { reseal } from '../../support/reseal.ts'

const notice = JSON.stringify({ text: 'You are asked whether this call may be recorded.' })
const noticeSha256 = sha256(utf8(notice)).toHex()
const statements = newStatementKey()
let root: string
let vkey: string

function openLog(dir: string, createKey = true): Promise<ConsentLog> {
  return openConsentLog({
    ...logOptions(dir, statements),
    origin,
    createKey,
    now: () => 5_000_000,
    onFailed: (cause) => expect.fail(cause.message),
  })
}

/** The records of a story, with the notice that its requests name. */
const withNotice = (core: CoreRecord): CoreRecord => {
  if (core.type === 'request') return { ...core, notice: { ...core.notice, sha256: noticeSha256 } }
  return core.type === 'decision' ? { ...core, noticeSha256 } : core
}

async function write(dir: string, story: Story): Promise<void> {
  await using log = await openLog(dir)
  vkey = log.vkey
  const signed = new SignedStory(statements, log)
  for (const [i, { core }] of story.entries.entries()) {
    const isRequest = core.type === 'request'
    await log.append({
      ...signed.entry(`act ${i}`, withNotice(core)),
      ...(isRequest ? { notice, subject: { name: 'Anna' } } : {}),
    })
  }
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'assent-verify-'))
  await write(join(root, 'good'), goodStory())
})
afterAll(() => rmSync(root, { recursive: true }))

let copies = 0
let dir: string
/** A copy of the good log, that a test may change. */
function copy(): string {
  dir = join(root, `copy-${copies++}`)
  cpSync(join(root, 'good'), dir, { recursive: true })
  return dir
}
afterEach(() => {
  if (dir) rmSync(dir, { recursive: true, force: true })
})

const run =
  (sql: string, ...values: (Uint8Array | string | number)[]) =>
  (database: DatabaseSync): void =>
    void database.prepare(sql).run(...values)

type Report = {
  verified: boolean
  size: number
  findings: { code: string; index: number | null; message: string }[]
}
const verify = (...more: string[]) => told('--data', join(dir, 'log'), ...more)
async function told(...args: string[]): Promise<{ exit: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const io = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
  }
  const exit = await verifyCommand(args, io)
  return { exit, out, err }
}
async function findings(...more: string[]): Promise<string[]> {
  const { exit, out, err } = await verify(
    '--json',
    '--vkey',
    vkey,
    '--guard',
    join(dir, 'guard'),
    ...more,
  )
  expect(err).toBe('')
  const report = JSON.parse(out) as Report
  expect(exit).toBe(report.findings.length === 0 ? 0 : 1)
  expect(report.verified).toBe(report.findings.length === 0)
  return report.findings.map(({ code, index }) => (index === null ? code : `${code}@${index}`))
}

test('an untouched log verifies, and says what that does not prove', async () => {
  copy()
  expect(await findings()).toEqual([])
  const { exit, out } = await verify()
  expect(exit).toBe(0)
  expect(out).toContain('VERIFIED. No entry was changed')
  expect(out).toContain(`${origin}\n`)
  expect(out).toContain(
    '10 leaves, 18 tree nodes, 11 signed checkpoints,\n             10 openings, 1 notices, 10 records and their order,\n             2 decisions signed by the people themselves, 0 attested by the server alone',
  )
  expect(out).toContain('Who sat at a device')
  expect(out).toContain("whose sign-in it came with is the server's word")
  expect(out).toContain('the key was read beside the log')
  expect((await verify('--vkey', vkey)).out).not.toContain('the key was read beside the log')
})

test('a log verifies while its server runs and writes', async () => {
  copy()
  await using log = await openLog(dir, false)
  const story = new Story('call_2')
  story.open()
  await log.append({ key: 'more', core: { ...story.entries[0]!.core, recordId: 'f'.repeat(32) } })
  const { exit, out } = await verify('--vkey', vkey)
  expect(out).toContain('Entries      11, root')
  expect(exit).toBe(0)
})

describe('without having read the entries nothing is verified, unless the tree alone is asked for', () => {
  test('no key of the vault beside the log: it ends with 2 and says what to give', async () => {
    copy()
    rmSync(join(dir, 'vault.key'))
    const { exit, out, err } = await verify('--vkey', vkey)
    expect([exit, out]).toEqual([2, ''])
    expect(err).toContain(`the vault’s key is not at ${join(dir, 'vault.key')}`)
    for (const flag of ['--vault-key FILE', '--config FILE', '--tree-only'])
      expect(err.split('\n')[0]).toContain(flag)
  })

  test('--tree-only verifies the tree, and says that it is no more', async () => {
    copy()
    rmSync(join(dir, 'vault.key'))
    rmSync(join(dir, 'log/keys.db'))
    const { exit, out } = await verify('--tree-only', '--vkey', vkey)
    expect(exit).toBe(0)
    expect(out).toContain('VERIFIED, the tree alone')
    expect(out).toContain('that needs the vault’s key, and no --tree-only')
    expect(out).toContain('and nothing of what the entries say\n')
    const { checked } = JSON.parse((await verify('--tree-only', '--json')).out) as {
      checked: { entries: unknown }
    }
    expect(checked.entries).toBe(null)
    tamper(dir, 'log.db', run('UPDATE node SET h = zeroblob(32) WHERE level = 2 AND i = 1'))
    expect((await verify('--tree-only')).exit).toBe(1)
  })

  test.each(['--vault-key', '--keys', '--recordings'])('--tree-only and %s exclude each other', async (named) => {
    copy()
    const { exit, err } = await verify('--tree-only', named, dir)
    expect([exit, err]).toEqual([2, expect.stringContaining('--tree-only reads no entry')])
  })

  test('keys.db is gone: that is found, with the vault’s key named or beside it', async () => {
    copy()
    rmSync(join(dir, 'log/keys.db'))
    expect(await findings()).toEqual(['keys-missing'])
    expect(await findings('--vault-key', join(dir, 'vault.key'))).toEqual(['keys-missing'])
    const { exit, out } = await verify()
    expect(exit).toBe(1)
    expect(out).toContain('NOT VERIFIED. One thing is wrong')
  })

  test.each([
    ['--vault-key', 'there is no key file'],
    ['--keys', 'there is no file of keys'],
    ['--guard', 'there is no guard file'],
  ])('what %s names must be there', async (named, said) => {
    copy()
    const { exit, err } = await verify(named, join(dir, 'nowhere'))
    expect([exit, err]).toEqual([2, expect.stringContaining(said)])
  })
})

describe('verify --config', () => {
  /** A server's data, with the vault's key and the guard on a volume of their own. */
  async function settings(...more: string[]): Promise<{ exit: number; out: string; err: string }> {
    const file = join(dir, 'assent.json')
    const document = {
      ...changed(await example('production'), 'dataDir', dir),
      guardFile: join(dir, 'apart/guard'),
      vaultKeyFile: join(dir, 'apart/vault.key'),
    }
    writeFileSync(file, JSON.stringify(document))
    return told('--config', file, ...more)
  }
  function moveApart(): void {
    copy()
    mkdirSync(join(dir, 'apart'))
    for (const name of ['guard', 'vault.key']) renameSync(join(dir, name), join(dir, 'apart', name))
  }

  test('finds the log, the vault’s key and the guard by itself', async () => {
    moveApart()
    const { exit, out, err } = await settings('--vkey', vkey)
    expect([exit, err]).toEqual([0, ''])
    expect(out).toContain('VERIFIED. No entry was changed')
    expect(out).toContain('10 openings')
    expect(out).not.toContain('give --guard')
  })

  test('holds the log against that guard', async () => {
    moveApart()
    const guard = join(dir, 'apart/guard')
    writeFileSync(guard, readFileSync(guard, 'utf8').replace(/^10 .*$/gm, (line) => line.replace('10', '11')))
    const { exit, out } = await settings()
    expect([exit, out]).toEqual([1, expect.stringContaining('[guard-ahead]')])
  })

  test.each([
    ['vault.key', 'there is no key file'],
    ['guard', 'there is no guard file'],
  ])('ends with 2 when %s is not where the settings say', async (name, said) => {
    moveApart()
    rmSync(join(dir, 'apart', name))
    const { exit, err } = await settings()
    expect([exit, err]).toEqual([2, expect.stringContaining(said)])
  })

  test('--tree-only needs no key of it; --data beside it is refused', async () => {
    moveApart()
    rmSync(join(dir, 'apart/vault.key'))
    expect(await settings('--tree-only')).toMatchObject({ exit: 0, err: '' })
    const { exit, err } = await settings('--data', dir)
    expect([exit, err]).toEqual([2, expect.stringContaining('name --data or --config, not both')])
  })
})

test("the server's data folder will do, as well as the log's own", async () => {
  copy()
  let out = ''
  const io = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => expect.fail(text) },
  }
  expect(await verifyCommand(['--data', dir], io)).toBe(0)
  expect(out).toContain('Entries      10, root')
})

describe('a changed log does not verify, and the reason names the place', () => {
  const decision = 3

  test('a decision was edited', async () => {
    copy()
    reseal(dir, decision, 'core', ({ bytes, salt }) => ({
      salt,
      bytes: utf8(new TextDecoder().decode(bytes).replace('anna', 'carl')),
    }))
    expect(await findings()).toEqual([
      `opening-changed@${decision}`,
      `record-subject@${decision}`,
      `decision-without-request@${decision}`,
      'gate-decision-unknown@5',
      'gate-party-undecided@5',
      'effect-party-uncovered@6',
      'media-outside-gate@8',
      'media-while-pending@8',
      'media-while-pending@8',
    ])
  })

  test('a decision was edited, and its digest with it', async () => {
    copy()
    const part = { salt: new Uint8Array(64), bytes: utf8('{}') }
    reseal(dir, 9, 'core', () => part)
    tamper(
      dir,
      'vault.db',
      run(
        'UPDATE opening SET core_digest = ? WHERE idx = 9',
        groupDigest(sha256, 'core', part),
      ),
    )
    const { out } = await verify('--json', '--vkey', vkey)
    const report = JSON.parse(out) as Report
    expect(report.findings.map(({ code, index }) => `${code}@${index}`)).toEqual([
      'opening-changed@9',
      'record-malformed@9',
    ])
    expect(report.findings[0]?.message).toBe('what is kept of it is not what its leaf commits to')
  })

  test('a name was edited', async () => {
    copy()
    reseal(dir, 1, 'subject', ({ salt }) => ({ salt, bytes: utf8('{"name":"Carl"}') }))
    expect(await findings()).toEqual(['opening-changed@1'])
    expect((await verify()).out).toContain(
      'entry 1: its subject part was changed after it was written  [opening-changed]',
    )
  })

  test('a leaf was edited', async () => {
    copy()
    tamper(
      dir,
      'log.db',
      run(`UPDATE entry SET leaf = (SELECT leaf FROM entry WHERE idx = 4) WHERE idx = ?`, decision),
    )
    expect(await findings()).toEqual([
      `leaf-changed@${decision}`,
      `node-changed@${decision}`,
      'head-differs',
      `checkpoint-root@${decision}`,
      `opening-changed@${decision}`,
      'commitment-repeated@4',
    ])
  })

  test('a leaf was exchanged, with its hash and its opening', async () => {
    copy()
    tamper(dir, 'log.db', (log) => {
      const leaf = utf8(`consent-audit/v1 record\n${toBase64(new Uint8Array(32))}\n`)
      run(
        'UPDATE entry SET leaf = ?, leaf_hash = ? WHERE idx = ?',
        leaf,
        leafHash(sha256, leaf),
        decision,
      )(log)
    })
    expect(await findings()).toEqual([
      `node-changed@${decision}`,
      'head-differs',
      `checkpoint-root@${decision}`,
      'guard-root',
      `opening-changed@${decision}`,
    ])
    expect((await verify()).out).toContain('the one at size 3 still agrees')
  })

  test('an entry in the middle was dropped', async () => {
    copy()
    tamper(dir, 'log.db', run('DELETE FROM entry WHERE idx = ?', decision))
    expect(await findings()).toEqual([
      `leaf-missing@${decision}`,
      `checkpoint-ahead@${decision}`,
      `guard-ahead@${decision}`,
      'seen-differs@4',
      'gate-decision-unknown@5',
      'gate-party-undecided@5',
      'effect-party-uncovered@6',
      'media-outside-gate@8',
      'media-while-pending@8',
      'media-while-pending@8',
    ])
  })

  /** Everything that the log file itself says is made to agree with eight entries. */
  const cutTo8 = (log: DatabaseSync): void => {
    const note = String(log.prepare('SELECT note FROM checkpoint WHERE size = 8').get()?.['note'])
    log.exec(
      'DELETE FROM entry WHERE idx >= 8; DELETE FROM node WHERE (i + 1) * (1 << level) > 8; DELETE FROM checkpoint WHERE size > 8',
    )
    run('UPDATE head SET size = 8, root = ?', Uint8Array.fromBase64(note.split('\n')[2]!))(log)
  }

  test('the end was cut off, but a later checkpoint is there', async () => {
    copy()
    tamper(dir, 'log.db', (log) => {
      const last = log.prepare('SELECT size, note FROM checkpoint ORDER BY size DESC').get()
      cutTo8(log)
      run(
        'INSERT INTO checkpoint VALUES(?, ?)',
        Number(last?.['size']),
        String(last?.['note']),
      )(log)
    })
    expect(await findings()).toEqual(['checkpoint-ahead@8', 'guard-ahead@8'])
    expect((await verify()).out).toContain(
      '10 entries were signed, 8 are here: the end of the log was cut off',
    )
  })

  test('the end was cut off with all its traces: only the guard, or a kept checkpoint, tells', async () => {
    copy()
    tamper(dir, 'log.db', cutTo8)
    expect(await findings()).toEqual(['guard-ahead@8'])
    const { exit, out } = await verify()
    expect(exit).toBe(0)
    expect(out).toContain('That the newest entries are all here: give --guard')
    await expect(openLog(dir, false)).rejects.toMatchObject({ code: 'LOG_ROLLED_BACK' })
  })

  test('an entry was repeated at the end', async () => {
    copy()
    tamper(
      dir,
      'log.db',
      run('INSERT INTO entry SELECT 10, leaf, leaf_hash FROM entry WHERE idx = ?', decision),
    )
    expect(await findings()).toEqual([
      'node-missing@10',
      'head-differs',
      'commitment-repeated@10',
      'opening-missing@10',
    ])
  })

  test.each([
    [
      'a node was edited',
      `UPDATE node SET h = zeroblob(32) WHERE level = 2 AND i = 1`,
      ['node-changed@4'],
    ],
    ['a node was dropped', `DELETE FROM node WHERE level = 1 AND i = 2`, ['node-missing@4']],
    ['a node was added', `INSERT INTO node VALUES(9, 0, zeroblob(32))`, ['node-unexpected']],
    ['the head was edited', `UPDATE head SET root = zeroblob(32)`, ['head-differs']],
    ['the head says more', `UPDATE head SET size = 11`, ['head-differs']],
    [
      'a signature was edited',
      `UPDATE checkpoint SET note = substr(note, 1, length(note) - 9) || 'AAAAAAA=' || char(10) WHERE size = 4`,
      ['checkpoint-invalid'],
    ],
    [
      'a checkpoint was moved',
      `UPDATE checkpoint SET size = 40 WHERE size = 4`,
      ['checkpoint-size'],
    ],
  ])('%s', async (_, sql, expected) => {
    copy()
    tamper(dir, 'log.db', run(sql))
    expect(await findings()).toEqual(expected)
  })

  test('two roots were signed for one size', async () => {
    copy()
    const forged = signCheckpoint({ origin, size: 4, root: new Uint8Array(32) }, signerOf(dir))
    tamper(dir, 'log.db', run('UPDATE checkpoint SET note = ? WHERE size = 4', forged))
    expect(await findings()).toEqual(['checkpoint-root@3'])
  })

  test('a checkpoint of another log was put in', async () => {
    copy()
    const { name, ...signer } = signerOf(dir)
    const body = formatCheckpoint({ origin: 'elsewhere', size: 4, root: new Uint8Array(32) })
    const note = `${body}\n— ${name} ${toBase64(new Uint8Array([...signer.keyId, ...signer.sign(utf8(body))]))}\n`
    tamper(dir, 'log.db', run('UPDATE checkpoint SET note = ? WHERE size = 4', note))
    expect(await findings()).toEqual(['checkpoint-invalid'])
  })

  test.each([
    ['an opening was deleted', `DELETE FROM opening WHERE idx = 9`, ['opening-missing@9']],
    [
      'a part of an opening was deleted',
      `UPDATE opening SET what = NULL WHERE idx = 9`,
      ['erasure-unaccounted@9'],
    ],
    ['a sealed part was edited', `UPDATE opening SET what = zeroblob(99) WHERE idx = 9`, ['opening-locked@9']],
    [
      'a sealed part was put in the place of another',
      `UPDATE opening SET what = (SELECT what FROM opening WHERE idx = 5) WHERE idx = 9`,
      ['opening-locked@9'],
    ],
    [
      'a digest was edited',
      `UPDATE opening SET proof_digest = zeroblob(32) WHERE idx = 9`,
      ['opening-changed@9'],
    ],
    [
      'the notice was edited',
      `UPDATE notice SET sealed = zeroblob(99)`,
      ['notice-changed@1', 'notice-changed@2'],
    ],
    ['the notice was deleted', `DELETE FROM notice`, ['notice-missing@1', 'notice-missing@2']],
  ])('%s', async (_, sql, expected) => {
    copy()
    tamper(dir, 'vault.db', run(sql))
    expect(await findings()).toEqual(expected)
  })

  test('a part that was erased without a word is found; with a word it is counted', async () => {
    copy()
    tamper(dir, 'vault.db', run(`UPDATE opening SET who = NULL WHERE idx = 1`))
    expect(await findings()).toEqual(['erasure-unaccounted@1'])
    tamper(dir, 'vault.db', run(`INSERT INTO tombstone VALUES(1, 'name-on-request')`))
    expect(await findings()).toEqual(['erasure-unnoted@1'])
    appendFileSync(join(dir, 'guard.erasures'), '1 name-on-request\n')
    expect(await findings()).toEqual([])
    expect((await verify()).out).toContain('10 openings, 1 erased parts')
  })

  test('a yes that was erased under a gate, and what else was, is told as what nobody can show', async () => {
    copy()
    expect((await verify()).out).not.toMatch(/[Ee]rased/)
    tamper(dir, 'vault.db', (vault) =>
      vault.exec(`DELETE FROM opening WHERE idx IN (1, 3);
        INSERT INTO tombstone VALUES(1, 'on-request'), (3, 'on-request')`),
    )
    const { exit, out } = await verify()
    expect(exit).toBe(0)
    expect(out).toContain('8 openings, 2 erased entries')
    expect(out).toContain('Erased since, and not among what was read: the yes of 1.')
    expect(out).toContain('  - What the erased entries said (2): nobody can tell any more')
    expect(out).toContain('  - That people who were erased since had agreed (1): recordings rest on')
    const report = JSON.parse((await verify('--json')).out) as object
    expect(report).toMatchObject({ checked: { entries: { erasedEntries: 2, erasedYeses: 1 } } })
    expect(JSON.stringify(report)).toContain('What the erased entries said (2)')
  })

  test('entries that were erased and carry no gate are told alone', async () => {
    copy()
    tamper(dir, 'vault.db', (vault) =>
      vault.exec(`DELETE FROM opening WHERE idx = 9; INSERT INTO tombstone VALUES(9, 'by-operator')`),
    )
    const { out } = await verify()
    expect(out).toContain('  - What the erased entries said (1): ')
    expect(out).not.toContain('had agreed (')
    expect(out).not.toContain('Erased since')
  })

  test('a trigger is missing, weaker, or new', async () => {
    copy()
    const change = (sql: string): void => {
      using database = new DatabaseSync(join(dir, 'log/log.db'))
      database.exec(sql)
    }
    change('DROP TRIGGER entry_delete')
    expect(await findings()).toEqual(['schema-changed'])
    change(
      `CREATE TRIGGER entry_delete BEFORE DELETE ON entry WHEN 0 BEGIN SELECT RAISE(ABORT, 'entry_delete: append-only'); END`,
    )
    expect(await findings()).toEqual(['schema-changed', 'schema-changed'])
    expect((await verify()).out).toContain(
      'log.db lacks, or has changed: CREATE TRIGGER entry_delete',
    )
  })

  test('an older log and vault were put in place: found by verify, and refused at the start', async () => {
    copy()
    cpSync(join(dir, 'log'), join(dir, 'backup'), { recursive: true })
    {
      await using log = await openLog(dir, false)
      const story = new Story('call_2')
      story.open()
      await log.append({
        key: 'more',
        core: { ...story.entries[0]!.core, recordId: 'f'.repeat(32) },
      })
    }
    rmSync(join(dir, 'log'), { recursive: true })
    cpSync(join(dir, 'backup'), join(dir, 'log'), { recursive: true })
    expect(await findings()).toEqual(['guard-ahead@10'])
    await expect(openLog(dir, false)).rejects.toMatchObject({
      code: 'LOG_ROLLED_BACK',
      message: expect.stringContaining('has seen 11'),
    })
  })
})

test('a sound log whose records tell of a recording without consent does not verify', async () => {
  dir = join(root, 'bad')
  const story = new Story()
  story.open()
  story.request('anna')
  story.request('ben')
  const yes = story.given('anna')
  story.refused('ben')
  story.now = 2_000_000
  story.gateOpen([yes], ['anna', 'ben'])
  const good = vkey
  await write(dir, story)
  expect(await findings()).toEqual(['gate-party-undecided@5'])
  vkey = good
})

describe('verify could not run', () => {
  test('without files, a key, or a database it says what to do', async () => {
    copy()
    const log = join(dir, 'log')
    for (const [args, said] of [
      [['--data', join(dir, 'nowhere')], 'does not exist; name the directory'],
      [['--data', join(dir, 'nowhere'), '--vkey', vkey], 'does not exist; name the directory'],
      [['--data', log, '--vkey', `${vkey}x`], 'no verifier key'],
      [['--log', join(log, 'log.db')], 'Usage:'],
      [
        ['--log', join(log, 'log.db'), '--vault', join(log, 'vault.db')],
        'name the key with --vkey',
      ],
      [['--unknown'], 'Usage:'],
    ] as const) {
      let err = ''
      const exit = await verifyCommand([...args], {
        stdout: { write: () => expect.fail('nothing to say') },
        stderr: { write: (text) => (err += text) },
      })
      expect(exit, err).toBe(2)
      expect(err).toContain(said)
    }
  })

  test.each([
    ['log.db', 'ALTER TABLE node RENAME COLUMN h TO hash', 'node'],
    ['vault.db', 'ALTER TABLE opening RENAME COLUMN what TO claims', 'opening'],
    ['vault.db', 'ALTER TABLE tombstone ADD COLUMN why TEXT', 'tombstone'],
    ['vault.db', 'DROP TABLE statement_key; DROP TABLE notice', 'notice, statement_key'],
    ['keys.db', 'ALTER TABLE subject_key RENAME TO person_key', 'subject_key'],
  ])('on %s of another version (%s): it names the file, and what reads it', async (file, sql, tables) => {
    copy()
    {
      using database = new DatabaseSync(join(dir, 'log', file))
      database.exec(sql)
    }
    const { exit, out, err } = await verify()
    expect([exit, out]).toEqual([2, ''])
    expect(err).toContain(`${join(dir, 'log', file)} is of another version, or was tampered with`)
    expect(err).toContain(`for ${tables}; use the version that made it`)
  })

  test('on a file that is no database', async () => {
    copy()
    writeFileSync(
      join(dir, 'log/vault.db'),
      'not a database, but long enough to look like a header of one '.repeat(20),
    )
    const { exit, err } = await verify()
    expect(exit).toBe(2)
    expect(err).toContain('vault.db is not a database, or is damaged')
  })
})

test('no personal data is in what may be public: not one byte of a name, a session or a decision in log.db, nor a name in the vault', async () => {
  copy()
  const bytes = readFileSync(join(dir, 'log/log.db'))
  for (const word of ['Anna', 'anna', 'call_1', 'decision', 'given', 'recorded'])
    expect(bytes.includes(word), word).toBe(false)
  for (const file of ['log/vault.db', 'log/keys.db'])
    expect(readFileSync(join(dir, file)).includes('Anna'), file).toBe(false)
})
