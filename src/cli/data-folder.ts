import { loadConfig, type Config } from '#config'
import { misuse } from './command.ts'

/** The data folder that a command is about: `--data`, or what the settings file behind `--config` says. */
export function dataFolder({
  data,
  config,
}: {
  readonly data: string | undefined
  readonly config: string | undefined
}): { readonly dataDir: string; readonly settings: Config | null } {
  if (data !== undefined && config !== undefined)
    throw misuse('name --data or --config, not both')
  if (data !== undefined) return { dataDir: data, settings: null }
  if (config === undefined)
    throw misuse('name the server’s data folder with --data, or its settings with --config')
  const settings = loadConfig({ file: config, env: process.env })
  return { dataDir: settings.dataDir, settings }
}
