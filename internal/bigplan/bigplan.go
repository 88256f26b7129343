// Package bigplan writes large tracking plans for benchmarks: as large as those
// of a company, and as varied.
package bigplan

import (
	"bytes"
	"fmt"
)

// Areas, nouns and verbs make the names of events. No two words of a list are
// alike enough for a rule about look-alikes.
var (
	areas = []string{"account", "billing", "catalog", "checkout", "community", "dashboard", "editor", "fulfilment", "gateway", "helpdesk",
		"identity", "journal", "knowledge", "learning", "marketplace", "network", "onboarding", "partner", "quality", "reporting",
		"security", "telemetry", "upload", "video", "workspace"}
	nouns = []string{"article", "board", "campaign", "document", "export", "folder", "goal", "history", "invoice", "job",
		"key", "label", "message", "note", "order", "payment", "query", "report", "session", "ticket",
		"upgrade", "voucher", "widget", "team", "zone"}
	verbs = []string{"created", "deleted", "opened", "shared", "archived", "renamed", "approved", "rejected", "exported", "assigned",
		"published", "duplicated", "restored", "moved", "locked", "requested"}
)

// Most is how many events a plan can have: a larger one would need several files.
const Most = 3_000

// eventsPerFlag is how many events stand for one flag.
const eventsPerFlag = 20

// Plan writes a plan of that many events, at most Most, that lints clean: twelve
// properties each, named types, property sets, groups, person properties, and a
// flag for every twenty events. The same number gives the same bytes; the events
// of a smaller plan are the first of a larger one.
func Plan(events int) []byte {
	events = min(events, Most)
	var b bytes.Buffer
	b.WriteString(head)
	if events > 0 {
		b.WriteString("\nevents:\n")
	}
	for i := range events {
		event(&b, i)
	}
	flags(&b, events/eventsPerFlag)
	return b.Bytes()
}

// Event is the name of the event at an index.
func Event(i int) string {
	return areas[i/len(nouns)%len(areas)] + "_" + nouns[i%len(nouns)] + "_" + verbs[i/len(nouns)/len(areas)%len(verbs)]
}

const head = `phgen: 1
plan: {name: big, version: 2.4.0, description: Server-side analytics of a large company}
go:
  out: ./generated
  initialisms: [SKU, CTA]
naming:
  events: {case: snake, max_length: 60}
  properties: {case: snake, bool_prefix: [is_, has_], suffix: {duration: [_ms, _s], timestamp: [_at]}}
owners:
  growth: {slack: "#growth", codeowners: "@big/growth"}
  billing: {slack: "#billing", codeowners: ["@big/billing", "@big/finance"]}
  platform: {slack: "#platform", email: platform@example.com}
defaults: {owner: growth, status: active, extra_properties: deny, on_invalid: report}

types:
  Source:
    description: Where somebody did it
    enum:
      web: In the web application
      api: Through the public API
      import: From a file
  PlanTier: {enum: [free, pro, enterprise]}
  Percent: {type: float, min: 0, max: 100}
  Step:
    type: object
    properties:
      position: {type: int, required: true, min: 1}
      label: {type: string, required: true, max_length: 80}
      is_skipped: bool

property_sets:
  request_info:
    request_id: {type: uuid, description: Id of the HTTP request}
    client_ip: {type: ip, pii: {kind: ip, action: hash}}
    locale: locale

context:
  properties:
    app_version: {type: string, max_length: 40, description: Release that served the request}

person:
  properties:
    email: {type: email, write: set, pii: {kind: email, action: allow, basis: contract}}
    tier: {type: PlanTier, write: set}
    signup_source: {type: Source, write: set_once}
    first_seen_at: {type: timestamp, write: set_once}

groups:
  organization:
    description: Who pays
    key: {type: string, example: org_7}
    properties: {title: string!, tier: PlanTier, seats: {type: int, min: 1}, is_trial: bool}
  project:
    description: What its members work on together
    key: uuid
    properties: {title: string!, members: {type: int, min: 0}}
`

// owners are the owners of events, in turn. The empty one is the plan's default.
var owners = []string{"", "billing", "platform"}

func event(b *bytes.Buffer, i int) {
	area, noun := areas[i/len(nouns)%len(areas)], nouns[i%len(nouns)]
	verb := verbs[i/len(nouns)/len(areas)%len(verbs)]
	fmt.Fprintf(b, "  %s:\n    description: Somebody with the right to do so has %s the %s. Sent once, when the %s service has stored it.\n", Event(i), verb, noun, area)
	if owner := owners[i%len(owners)]; owner != "" {
		fmt.Fprintf(b, "    owner: %s\n", owner)
	}
	fmt.Fprintf(b, "    trigger: after the commit in the %s service\n    tags: [%s, core]\n    since: 1.%d.0\n    use: [request_info]\n    groups: [organization!, project]\n", area, area, i%20)
	if i%4 == 0 {
		fmt.Fprintf(b, "    person: [tier]\n    idempotency: [%s_id]\n", noun)
	}
	fmt.Fprintf(b, `    properties:
      %s_id: {type: uuid, required: true, description: Which %s}
      title: {type: string, required: true, max_length: 200, on_invalid: truncate, description: What people call it}
      source: Source!
      members: {type: int, min: 1, description: Who could see it at that time}
      load_time_ms: {type: duration, unit: ms, description: How long it took until the answer was there}
      completion: Percent
      referrer: {type: url, nullable: true, strip_query: true}
      steps: {type: array, of: Step, max_items: 20}
      method: {enum: [keyboard, pointer, voice], description: How the change was made}
`, noun, noun)
}

func flags(b *bytes.Buffer, n int) {
	if n == 0 {
		return
	}
	b.WriteString("\nflags:\n")
	for i := range n {
		subject := fmt.Sprintf("%s-%s-%d", areas[i%len(areas)], nouns[i/len(areas)%len(nouns)], i)
		fmt.Fprintf(b, "  new-%s:\n    description: The second form of what %s shows\n    owner: platform\n", subject, areas[i%len(areas)])
		if i%3 == 0 {
			b.WriteString(`    kind: multivariate
    variants: {control: As before, compact: In one column, wide: In two columns}
    default: control
    payload:
      type: object
      properties: {max_items: {type: int, required: true, default: 20}, heading: {type: string, default: Next}}
    depends_on: {person: [tier], groups: [organization]}
`)
		} else {
			b.WriteString("    kind: boolean\n    default: false\n")
		}
		b.WriteString("    expires: 2099-01-31\n")
	}
}
