// First file of `npm start` and `npm test`: plain JavaScript of any age, so that an old Node gets a sentence instead of a syntax error.
// begin.cjs SCRIPT [ARGS]: runs a script of package.json through the pinned pnpm.
var spawn = require('child_process').spawn
var script = process.argv[2]
var args = process.argv.slice(3)

var version = process.versions.node.split('.').map(Number)
if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  console.error(
    'Meridian needs Node 20.19 or newer; this is Node ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').'
  )
  process.exit(1)
}

// Help needs no build, only the installed packages.
var wantsHelp = script === 'system' && (args.indexOf('--help') >= 0 || args.indexOf('-h') >= 0)
if (wantsHelp && require('fs').existsSync(require('path').join(__dirname, '../node_modules/tsx')))
  script = 'launch'

var child = spawn('npx', ['-y', 'pnpm@12.21.0', 'run', script].concat(args), {
  stdio: 'inherit',
  env: Object.assign({ TURBO_TELEMETRY_DISABLED: '1', npm_config_loglevel: 'error' }, process.env)
})
// Ctrl-C reaches the whole process group: this one only waits for the others to end in order.
process.on('SIGINT', function () {})
process.on('SIGTERM', function () {
  child.kill('SIGTERM')
})
child.on('error', function (error) {
  console.error('npx could not be run (' + error.message + '): npm belongs to Node, please reinstall it.')
  process.exit(1)
})
child.on('exit', function (code, signal) {
  process.exit(signal === null ? code : 1)
})
