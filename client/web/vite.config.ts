import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The pages of the call and of what is held about somebody, built into dist/web. `#sdk` and `#protocol` resolve through the imports of package.json. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [react()],
  build: {
    outDir: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    // The content security policy knows no data: for scripts, styles or fonts; an asset is a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What changes at different times is cached apart.
    rolldownOptions: {
      input: ['index.html', 'me.html'].map((page) => fileURLToPath(new URL(page, import.meta.url))),
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: 'media', test: /node_modules\// },
          ],
        },
      },
    },
  },
})
