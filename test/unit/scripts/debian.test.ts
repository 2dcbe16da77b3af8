import { expect, test } from 'vitest'
import { aptCommand, missingPackages, packagesFor } from '../../../scripts/setup/debian.mjs'

const wanted = ['g++', 'meson', 'strace']

test('what dpkg has installed is not missing', () => {
  expect(missingPackages(wanted, 'g++ installed\nmeson installed\nstrace installed\n')).toEqual([])
})

test('a package that dpkg never saw is missing', () => {
  expect(
    missingPackages(wanted, 'g++ installed\nno packages found matching meson\nstrace installed'),
  ).toEqual(['meson'])
})

test('a removed package whose configuration stays, and one unpacked half, are missing', () => {
  expect(
    missingPackages(wanted, 'g++ config-files\nmeson half-installed\nstrace not-installed'),
  ).toEqual(wanted)
})

test('a package is not taken for another whose name it begins with', () => {
  expect(missingPackages(['meson'], 'meson-extras installed')).toEqual(['meson'])
})

test('the command for the administrator is one line that installs what is missing and no more', () => {
  expect(aptCommand(['g++', 'meson'])).toBe(
    "sudo sh -c 'apt-get update && apt-get install --yes --no-install-recommends g++ meson'",
  )
})

test('names fit a shell unquoted', () => {
  for (const name of Object.values(packagesFor).flat())
    expect(name).toMatch(/^[a-z0-9][a-z0-9+.-]+$/)
})
