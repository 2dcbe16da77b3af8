import { fileURLToPath } from 'node:url'
import { defineConfig, mergeConfig } from 'vite'
import page from '../../../client/web/vite.config.ts'

const { rolldownOptions, ...build } = page.build ?? {}

/** The page as it is built for people, with the scripted entry in the place of the real ones. Built into memory. */
export default mergeConfig(
  { ...page, build },
  defineConfig({
    root: fileURLToPath(new URL('.', import.meta.url)),
    publicDir: fileURLToPath(new URL('../../../client/web/public', import.meta.url)),
    logLevel: 'warn',
    build: {
      write: false,
      chunkSizeWarningLimit: 2000,
      rolldownOptions: {
        ...rolldownOptions,
        input: fileURLToPath(new URL('index.html', import.meta.url)),
      },
    },
  }),
)
