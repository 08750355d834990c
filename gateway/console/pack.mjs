// Compresses what Vite has built, once and as small as it gets, and writes down of which sources it is.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const files = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((e) => e.isDirectory() ? files(join(folder, e.name)) : [join(folder, e.name)])
for (const file of files('dist')) {
  const bytes = readFileSync(file)
  writeFileSync(file + '.br', brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }))
  writeFileSync(file + '.gz', gzipSync(bytes, { level: 9 }))
}
const hash = createHash('sha256')
const boards = '../../hardware/boards'
const wiring = readdirSync(boards).flatMap((board) => ['pins.json', 'wiring.svg'].map((name) => `${boards}/${board}/${name}`))
for (const file of [...files('src'), ...wiring, 'index.html', 'package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts', 'pack.mjs'].map((f) => f.replaceAll('\\', '/')).sort()) {
  hash.update(file + '\n' + readFileSync(file, 'utf8').replaceAll('\r\n', '\n') + '\n')
}
writeFileSync('dist/sources.sha256', hash.digest('hex') + '\n')
const brotli = files('dist').filter((f) => f.endsWith('.br')).map((f) => [relative('dist', f), statSync(f).size])
for (const [name, size] of brotli) console.log(String(size).padStart(7), name)
