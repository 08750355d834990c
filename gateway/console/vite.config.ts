import { defineConfig } from 'vite'

// The same sources give the same bytes: a test compares what is checked in with what the sources say they are.
export default defineConfig({
  base: '/',
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, cssCodeSplit: true },
})
