import process from 'node:process'
import { SetupError } from './say.mjs'

const oldestMajor = 20

/** The set-up runs on the machine's own Node; all that follows, on the locked one. */
export function checkNode() {
  if (!isNodeRecentEnough(process.versions.node)) {
    throw new SetupError(
      `Node ${process.versions.node} is too old`,
      `install Node ${oldestMajor} or later and run the command again`,
    )
  }
}

/** @param {string} version such as `20.11.1` */
export function isNodeRecentEnough(version) {
  return Number.parseInt(version, 10) >= oldestMajor
}
