import { fileURLToPath } from 'node:url'
import { defineConfig, mergeConfig } from 'vite'
import page from '../../../client/web/vite.config.ts'

/** The page as it is built for people, with the scripted entry in the place of the real one. Built into memory. */
export default mergeConfig(
  page,
  defineConfig({
    root: fileURLToPath(new URL('.', import.meta.url)),
    publicDir: fileURLToPath(new URL('../../../client/web/public', import.meta.url)),
    logLevel: 'warn',
    build: { write: false, chunkSizeWarningLimit: 2000 },
  }),
)
