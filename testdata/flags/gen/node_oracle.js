// Answers tasks, one JSON object a line, with posthog-node's local evaluation:
//   node node_oracle.js DIRECTORY/node_modules/posthog-node < tasks > answers
'use strict'

const RealDate = Date
let now = 0
globalThis.Date = class extends RealDate {
  constructor(...args) {
    args.length ? super(...args) : super(now)
  }
  static now() {
    return now
  }
}

const path = require('node:path')
const readline = require('node:readline')
const flags = require(path.join(path.resolve(process.argv[2]), 'dist/extensions/feature-flags/feature-flags.js'))
console.warn = console.debug = () => {}

function unsure(e) {
  return e instanceof flags.InconclusiveMatchError || e instanceof flags.RequiresServerEvaluation
}

// property answers for each property whether it matches.
function property(task) {
  return task.properties.map((present) => {
    const filter = { key: 'p', operator: task.operator, value: task.filter }
    try {
      const values = present === 'unset' || present.length === 0 ? {} : { p: present[0] }
      return flags.matchProperty(filter, values, () => {}, task.version) ? 'T' : 'F'
    } catch (e) {
      return unsure(e) ? 'I' : 'E'
    }
  }).join('')
}

// document answers each flag for each query.
async function document(task) {
  const poller = new flags.FeatureFlagsPoller({
    pollingInterval: 1e9,
    personalApiKey: 'phx',
    projectApiKey: 'token',
    host: 'http://localhost',
    timeout: 1000,
    fetch: async () => ({ status: 200, headers: new Map(), json: async () => task.document }),
  })
  await poller.loadFeatureFlags()
  const answers = {}
  for (const flag of task.document.flags) {
    answers[flag.key] = []
    for (const q of task.queries) {
      answers[flag.key].push(await evaluate(poller, flag, q))
    }
  }
  poller.stopPoller()
  return answers
}

async function evaluate(poller, flag, q) {
  const person = { distinct_id: q.distinct_id, ...q.person }
  if (q.device_id) person.$device_id = q.device_id
  const groupProperties = {}
  for (const [type, key] of Object.entries(q.groups || {})) {
    groupProperties[type] = { $group_key: key, ...(q.group_properties || {})[type] }
  }
  try {
    const context = poller.createEvaluationContext(q.distinct_id, q.groups || {}, person, groupProperties)
    const { value } = await poller.computeFlagAndPayloadLocally(flag, context)
    return typeof value === 'string' ? '=' + value : value ? 'T' : 'F'
  } catch (e) {
    return unsure(e) ? 'I' : 'E'
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const task = JSON.parse(line)
    now = RealDate.parse(task.now)
    console.log(JSON.stringify(task.document ? await document(task) : property(task)))
  }
  process.exit(0)
}

main()
