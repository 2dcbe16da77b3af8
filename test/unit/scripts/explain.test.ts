import { expect, test } from 'vitest'
import { explain } from '../../../scripts/setup/explain.mjs'

const unreachable = 'the npm registry cannot be reached'

test.each([
  ['npm', 'npm error code EAI_AGAIN\nnpm error errno EAI_AGAIN', unreachable],
  ['npm', 'npm error code ENOTFOUND', unreachable],
  ['npm', 'npm error code ECONNREFUSED', unreachable],
  ['npm', 'npm error code ENOTCACHED', unreachable],
  ['npm', 'npm error code ENOSPC', 'the disk is full'],
  ['npm', 'npm error code EACCES', 'npm may not write'],
  ['npm', 'npm error code EINTEGRITY', 'a downloaded package is not the locked one'],
  ['npm', 'npm error code E404', 'the npm registry lacks a locked package'],
  ['npm', 'Error: spawn npm ENOENT', 'npm is missing'],
  [
    'npm',
    '`npm ci` can only install packages when your package.json and package-lock.json are in sync',
    'package.json and package-lock.json disagree',
  ],
  ['apt', 'E: Could not get lock /var/lib/dpkg/lock', 'another program is installing packages'],
  [
    'apt',
    "W: Failed to fetch the list: Temporary failure resolving 'the mirror'",
    "Debian's packages cannot be reached",
  ],
  ['apt', 'E: Unable to locate package meson', 'a package is unknown here'],
  ['apt', "E: You don't have enough free space in /var", 'the disk is full'],
  [
    'apt',
    'E: dpkg was interrupted, you must manually run',
    'an earlier installation was interrupted',
  ],
  ['build', 'c++: fatal error: Killed signal terminated', 'there is too little memory'],
  ['build', 'Error: spawn meson ENOENT', 'the tools to build the SFU worker are missing'],
  ['client', 'ENOSPC: no space left on device', 'the disk is full'],
] as const)('%s: %s', (tool, output, what) => {
  const { message } = explain(tool, output)
  expect(message.startsWith(what)).toBe(true)
  expect(message).not.toContain('\n')
})

test('what is not known is cut to a line that names the file with the rest', () => {
  const { message } = explain('build', `fine\nsrc/a.cpp:3: error: ${'x'.repeat(500)}\nmore`)
  expect(message).toMatch(/^build failed \(x{20,120}\): its output is in \S+build\.log$/)
})

test('a tool that failed without a word still names the file', () => {
  expect(explain('npm', '').message).toMatch(/^npm failed: its output is in \S+npm\.log$/)
})
