import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { isReceiptKey } from '../web/receipt/words.ts'
import { singleFile } from './single-file.ts'

/** The verifier, built into dist/web/verify.html: one file that needs no other, and no network. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [react(), receiptWordsOnly(), singleFile('verify.html')],
  build: {
    outDir: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    // The page is built beside it.
    emptyOutDir: false,
    target: 'es2023',
    modulePreload: false,
    cssCodeSplit: false,
    rolldownOptions: { output: { codeSplitting: false } },
  },
})

/** Of the page's words those that tell of a receipt. */
function receiptWordsOnly(): Plugin {
  return {
    name: 'receipt-words-only',
    enforce: 'pre',
    transform: {
      filter: { id: /client\/web\/language\/strings\/\w+\.json$/ },
      handler: (code) =>
        JSON.stringify(
          Object.fromEntries(
            Object.entries(JSON.parse(code) as object).filter(([key]) => isReceiptKey(key)),
          ),
        ),
    },
  }
}
