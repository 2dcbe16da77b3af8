import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '#config'
import { example } from './settings.ts'

const root = resolve(import.meta.dirname, '../../..')
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
const compose = readFileSync(join(root, 'docker-compose.yml'), 'utf8')

const environment = Object.fromEntries(
  [...dockerfile.matchAll(/^\s+(ASSENT_\w+)=([^\s\\]+)/gm)].map(([, name, value]) => [name!, value!]),
)
const mounts = new Map(
  [...compose.matchAll(/^ {6}- (\w+):(\/var\/lib\/\S+)$/gm)].map(([, name, path]) => [name!, path!]),
)

test('in the container everything that is written lies on a volume, and the vault’s key not beside the vault', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assent-container-'))
  const file = join(folder, 'assent.json')
  writeFileSync(file, JSON.stringify(await example('production')))
  const settings = loadConfig({ file, env: environment })
  rmSync(folder, { recursive: true })
  const { dataDir, guardFile, vaultKeyFile, backupDir } = settings
  expect([dataDir, dirname(guardFile), dirname(vaultKeyFile), backupDir]).toEqual(
    ['data', 'guard', 'guard', 'backups'].map((name) => mounts.get(name)),
  )
  expect(Object.keys(environment)).toEqual(
    ['DATA_DIR', 'GUARD_FILE', 'VAULT_KEY_FILE', 'BACKUP_DIR'].map((name) => `ASSENT_${name}`),
  )
})

test('the image has the folder of each volume, which the server owns, and compose declares it', () => {
  const paths = [...mounts.values()]
  expect(paths).toHaveLength(3)
  const [, declared] = /^VOLUME (.*)$/m.exec(dockerfile)!
  expect(JSON.parse(declared!)).toEqual(paths)
  const [, made] = /install --directory --owner=assent .*--mode=0700 \\\n(.*) \\$/m.exec(dockerfile)!
  expect(made!.trim().split(' ')).toEqual(paths)
  const [, volumes] = /^volumes:\n((?: {2}\w+:\n)+)/m.exec(compose)!
  expect(volumes!.match(/\w+/g)).toEqual([...mounts.keys()])
})

test('the image has the command assent, which passes arguments and the exit code on', () => {
  const [, print] = /(printf '.*') > \/usr\/local\/bin\/assent /.exec(dockerfile)!
  const script = spawnSync('sh', ['-c', print!], { encoding: 'utf8' }).stdout
  expect(script.split('\n')[0]).toBe('#!/bin/sh')
  const here = script.replace('/opt/assent/', `${root}/`)
  expect(here).not.toBe(script)
  const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  const assent = (...args: string[]) =>
    spawnSync('sh', ['-c', here, 'assent', ...args], { encoding: 'utf8', env: { PATH } })
  expect(assent('verify', '--help')).toMatchObject({ status: 0, stderr: '' })
  const { status, stderr } = assent('verify', '--data', 'no such place', '--vkey', 'a+1')
  expect([status, stderr]).toEqual([2, expect.stringContaining('no such place/log.db does not exist')])
})
