// The transpiler of the tests ("ts-node" in tsconfig.base.json): TypeScript's own, whose output is kept on disk.
// Without it each test file transpiles all that it imports again, which takes up to three seconds of CPU.
// A file's output is kept together with the hash of the source that it was made from, and serves only that source.
// The folder may be deleted at any time.
const crypto = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const ts = require('typescript')

const folder = path.join(__dirname, '../../node_modules/.cache/transpiled')
// Imports keep their `.ts`: no import is first looked for as `.js`.
const moduleOptions = { module: ts.ModuleKind.ESNext, rewriteRelativeImportExtensions: false }

/** The factory that ts-node calls; the options are those of the package's tsconfig. */
exports.create = function create({ service }) {
  const compilerOptions = { ...service.config.options, ...moduleOptions }
  const seed = ts.version + JSON.stringify(compilerOptions)
  fs.mkdirSync(folder, { recursive: true })

  return {
    transpile(code, { fileName }) {
      const file = path.join(folder, hashOf(seed + fileName))
      const source = hashOf(code)
      return readOutput(file, source) ?? writeOutput(file, source, transpile(code, fileName))
    }
  }

  function transpile(code, fileName) {
    return ts.transpileModule(code, { fileName, compilerOptions, reportDiagnostics: true })
  }
}

function hashOf(text) {
  return crypto.createHash('sha1').update(text).digest('hex')
}

function readOutput(file, source) {
  try {
    const output = JSON.parse(fs.readFileSync(file, 'utf8'))
    return output.source === source ? output : undefined
  } catch {
    return undefined
  }
}

/** Output with errors is given back but not kept. Written aside and renamed: no process reads half a file. */
function writeOutput(file, source, { outputText, sourceMapText, diagnostics }) {
  if (diagnostics.length > 0) return { outputText, sourceMapText, diagnostics }
  const aside = `${file}.${process.pid}`
  fs.writeFileSync(aside, JSON.stringify({ source, outputText, sourceMapText }))
  fs.renameSync(aside, file)
  return { outputText, sourceMapText }
}
