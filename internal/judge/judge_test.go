package judge

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/schema"
)

func load(t *testing.T, path string) *Judge {
	t.Helper()
	p, found, err := schema.Load(path)
	if err != nil || p == nil {
		t.Fatalf("Load(%q): %v %v", path, found, err)
	}
	return New(p)
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v map[string]any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// A row is one event; problems are given as Problem.String says them.
type row struct {
	event, properties string
	problems          []string
}

func run(t *testing.T, j *Judge, rows []row) {
	t.Helper()
	for _, tt := range rows {
		v := j.Judge(tt.event, decode(t, tt.properties))
		var got []string
		for _, p := range v.Problems {
			got = append(got, p.String())
		}
		if diff := cmp.Diff(tt.problems, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.event, tt.properties, diff)
		}
		if v.Unplanned || v.OK != (len(tt.problems) == 0) {
			t.Errorf("%s %s: got OK %t and Unplanned %t, want %t and false", tt.event, tt.properties, v.OK, v.Unplanned, len(tt.problems) == 0)
		}
	}
}

// created is a good project_created, closed by what the test adds.
func created(more string) string {
	return `{"project_id":"0190c8a4-1111-7222-8333-444455556666","name":"Acme","source":"web","channel":"server",` +
		`"$groups":{"organization":"org_7"}` + more + `}`
}

func order(more string) string {
	return `{"order_id":"o1","price":49.99,"currency":"USD","items":[{"sku":"ABC-12","quantity":1,"unit_price":49.99,"unit_price_currency":"USD"}],` +
		`"payment":{"kind":"card","brand":"visa"},"paid_at":"2026-01-02T03:04:05.006Z"` + more + `}`
}

func TestExamplePlan(t *testing.T) {
	run(t, load(t, "../../examples/tracking-plan.yaml"), []row{
		{"project_created", created(``), nil},
		{"project_created", created(`,"members":1,"load_time_ms":0.5,"completion":100,"referrer":"https://x.y/a","labels":[],"settings":{"a":null}`), nil},
		{"project_created", created(`,"referrer":null,"request_id":"0190c8a4-1111-7222-8333-444455556666","client_ip":"0123456789abcdef0123456789abcdef"`), nil},
		{"project_created", created(`,"locale":"de-DE","region":"eu","$context_tags":["locale","region"],"$lib":"phgen-go"`), nil},
		{"project_created", created(`,"$set":{"plan":"pro"},"$set_once":{"first_seen_at":"2026-01-02T03:04:05Z"}`), nil},
		{"project_created", created(`,"token":"phc_x","distinct_id":"u_1","api_key":"phc_x"`), nil}, // as browsers send them
		{"project_created", created(`,"$lib":"web","utm_source":"mail","gclid":null`), nil},         // from the address of a page
		{"project_created", created(`,"$lib":"phgen-go","utm_source":"mail"`), []string{"utm_source: extra_properties: not in the plan"}},
		{"order_completed", order(``), nil},
		{"order_completed", order(`,"$feature/new-checkout":"one-page"`), nil},
		{"account_created", `{"method":"sso"}`, nil},
		{"health_probe_failed", `{"probe":"db","$process_person_profile":false}`, nil},
		{"$identify", `{"$set":{"email":"a@b.c","plan":"free","$geo":1},"$set_once":{"signup_source":"import"},"$unset":["plan"]}`, nil},
		{"$identify", `{"$lib":"web","$set":{"utm_source":"mail"},"$set_once":{"gclid":null,"token":1}}`, []string{"$set_once.token: person: not in the plan"}},
		{"$set", `{}`, nil},
		{"$groupidentify", `{"$group_type":"organization","$group_key":"org_7","$group_set":{"name":"Acme","seats":1,"is_trial":true}}`, nil},
		{"$exception", `{"anything":1}`, nil},
		{"survey sent", `{"$survey_id":"x"}`, nil},
		{"$ai_generation", `{"ai_feature":"ticket_summary","ticket_id":"t","$ai_model":"m"}`, nil},

		{"project_created", `{}`, []string{
			"project_id: required: missing", "name: required: missing", "source: required: missing",
			"channel: const: missing", "$groups.organization: group: missing",
		}},
		{"project_created", created(`,"name":null`), []string{"name: nullable: null"}},
		{"project_created", created(`,"project_id":"0190C8A4-1111-7222-8333-444455556666"`), []string{"project_id: type: no uuid"}},
		{"project_created", created(`,"project_id":"00000000-0000-0000-0000-000000000000"`), []string{"project_id: type: no uuid"}},
		{"project_created", created(`,"source":"fax"`), []string{"source: enum: not one of the values"}},
		{"project_created", created(`,"source":1`), []string{"source: type: no string"}},
		{"project_created", created(`,"channel":"client"`), []string{"channel: const: another value"}},
		{"project_created", created(`,"members":0`), []string{"members: min: below 1"}},
		{"project_created", created(`,"members":1.5`), []string{"members: type: no integer of 64 bits"}},
		{"project_created", created(`,"members":9223372036854775808`), []string{"members: type: no integer of 64 bits"}},
		{"project_created", created(`,"members":"3"`), []string{"members: type: no integer of 64 bits"}},
		{"project_created", created(`,"completion":100.5`), []string{"completion: max: above 100"}},
		{"project_created", created(`,"completion":1e400`), []string{"completion: type: no finite number"}},
		{"project_created", created(`,"name":"` + strings.Repeat("ü", 201) + `"`), []string{"name: max_length: longer than 200 characters"}},
		{"project_created", created(`,"name":"` + strings.Repeat("ü", 200) + `"`), nil},
		{"project_created", created(`,"referrer":"https://x.y/a?token=1"`), []string{"referrer: strip_query: holds a query or fragment"}},
		{"project_created", created(`,"referrer":"x.y"`), []string{"referrer: type: no url"}},
		{"project_created", created(`,"labels":["a",null,1]`), []string{"labels[1]: nullable: null", "labels[2]: type: no string"}},
		{"project_created", created(`,"labels":"a"`), []string{"labels: type: no array"}},
		{"project_created", created(`,"settings":{"a":"` + strings.Repeat("x", 2048) + `"}`), []string{"settings: max_bytes: longer than 2048 bytes of JSON"}},
		{"project_created", created(`,"settings":[]`), []string{"settings: type: no object"}},
		{"project_created", created(`,"client_ip":"203.0.113.7"`), []string{"client_ip: pii: not hashed: no 32 lower-case hex digits"}},
		{"project_created", created(`,"region":"eu"`), []string{"region: extra_properties: not in the plan"}},
		{"project_created", created(`,"locale":"de_DE"`), []string{"locale: type: no locale"}},
		{"project_created", created(`,"$groups":{"organization":""}`), []string{"$groups.organization: type: no string, or an empty one"}},
		{"project_created", created(`,"$groups":{"organization":"o","team":"t"}`), []string{"$groups.team: groups: not a group of the plan"}},
		{"project_created", created(`,"$groups":[]`), []string{"$groups: type: no object"}},
		{"project_created", created(`,"$set":{"first_seen_at":"2026-01-02T03:04:05Z"}`), []string{"$set.first_seen_at: write: the plan says set_once"}},
		{"project_created", created(`,"$set":{"email":"a@b.c"}`), []string{"$set.email: person: not listed by the event"}},
		{"project_created", created(`,"$set":{"age":1}`), []string{"$set.age: person: not in the plan"}},
		{"project_created", created(`,"$set":{"plan":"gold"}`), []string{"$set.plan: enum: not one of the values"}},

		{"order_completed", order(`,"currency":"usd"`), []string{"currency: type: no currency"}},
		{"order_completed", order(`,"price":49.999`), []string{"price: type: more than the 2 decimals of its currency"}},
		{"order_completed", order(`,"price":500.5,"currency":"JPY"`), []string{"price: type: more than the 0 decimals of its currency"}},
		{"order_completed", order(`,"price":"49.99"`), []string{"price: type: no decimal amount"}},
		{"order_completed", order(`,"price":null,"currency":null`), []string{"price: nullable: null"}},
		{"order_completed", order(`,"items":[]`), []string{"items: min_items: fewer than 1 items"}},
		{"order_completed", order(`,"items":[{"sku":"abc","quantity":0,"unit_price":1}]`), []string{
			"items[0].sku: pattern: does not match ^[A-Z]{3}-[0-9]+$", "items[0].quantity: min: below 1",
			"items[0].unit_price_currency: type: missing beside its amount",
		}},
		{"order_completed", order(`,"items":[{"colour":"red"}]`), []string{
			"items[0].sku: required: missing", "items[0].quantity: required: missing", "items[0].unit_price: required: missing",
			"items[0].colour: extra_properties: not in the plan",
		}},
		{"order_completed", order(`,"items":[1]`), []string{"items[0]: type: no object"}},
		{"order_completed", order(`,"payment":{"kind":"card","brand":"visa","last4":"4242"}`), []string{"payment.last4: pii: sent, but the plan says drop"}},
		{"order_completed", order(`,"payment":{"kind":"cash"}`), []string{"payment.kind: variants: not one of the variants"}},
		{"order_completed", order(`,"payment":{"brand":"visa"}`), []string{"payment.kind: discriminator: missing or no string"}},
		{"order_completed", order(`,"payment":{"kind":"invoice","net_days":30,"brand":"visa"}`), []string{"payment.brand: extra_properties: not in the plan"}},
		{"order_completed", order(`,"payment":null`), []string{"payment: nullable: null"}},
		{"order_completed", order(`,"paid_at":"2026-01-02T03:04:05+01:00"`), []string{"paid_at: type: no timestamp"}},
		{"health_probe_failed", `{"probe":"db"}`, []string{"$process_person_profile: person_profile: not false, but the event never has a person profile"}},
		{"$identify", `{"$set":{"signup_source":"web"}}`, []string{"$set.signup_source: write: the plan says set_once"}},
		{"$identify", `{"$set":1,"$unset":["x",2]}`, []string{"$set: type: no object", "$unset.x: person: not in the plan", "$unset: type: an item is no string"}},
		{"$groupidentify", `{"$group_type":"team"}`, []string{"$group_type: groups: not a group of the plan"}},
		{"$groupidentify", `{"$group_type":"organization","$group_set":{"seats":0,"x":1}}`, []string{
			"$group_key: type: no string, or an empty one", "$group_set.name: required: missing",
			"$group_set.seats: min: below 1", "$group_set.x: extra_properties: not in the plan",
		}},
		{"$ai_generation", `{"ai_feature":"poems"}`, []string{"ai_feature: features: not a feature of the plan"}},
		{"$ai_generation", `{"ai_feature":"ticket_summary"}`, []string{"ticket_id: required: missing"}},
	})
}

// A hostile event gets an answer of a bounded size.
func TestProblemsAreBounded(t *testing.T) {
	long := strings.Repeat("ü", 1000)
	for _, tt := range []struct {
		plan, event, properties string
		count, path             int
	}{
		{"../../examples/tracking-plan.yaml", "project_created", created(`,"labels":[` + strings.Repeat("1,", 5000) + `1]`), maxProblems, len("labels[1000]")},
		{"../../examples/tracking-plan.yaml", "project_created", created(`,"` + long + `":1`), 1, maxPath + len("…")},
		{"../../testdata/wire/plan.yaml", "collections", `{"mail_by_name":{"` + long + `":null}}`, 1, len("mail_by_name.") + maxKey + len("…")},
	} {
		v := load(t, tt.plan).Judge(tt.event, decode(t, tt.properties))
		if len(v.Problems) != tt.count {
			t.Errorf("%.50s: got %d problems, want %d", tt.properties, len(v.Problems), tt.count)
		}
		for _, p := range v.Problems {
			if len(p.Path) > tt.path {
				t.Errorf("%.50s: got a path of %d bytes, want at most %d", tt.properties, len(p.Path), tt.path)
			}
		}
	}
}

func TestHasForm(t *testing.T) {
	for _, tt := range []struct {
		kind schema.Kind
		text string
		want bool
	}{
		{schema.Date, "2026-01-02", true}, {schema.Date, "2026-02-30", false},
		{schema.URL, "https://example.com", true}, {schema.String, "x", false}, {schema.Int, "1", false},
	} {
		if got := HasForm(tt.kind, tt.text); got != tt.want {
			t.Errorf("%s %q: got %t, want %t", tt.kind, tt.text, got, tt.want)
		}
	}
}

func TestUnplanned(t *testing.T) {
	j := load(t, "../../examples/tracking-plan.yaml")
	for _, name := range []string{"project_deleted", "", "survey"} {
		if got, want := j.Judge(name, nil), (Verdict{Unplanned: true}); !cmp.Equal(got, want) {
			t.Errorf("%q: got %+v, want %+v", name, got, want)
		}
	}
}

const hash = `"0123456789abcdef0123456789abcdef"`

// The rules that the example plan has no use for.
func TestWirePlan(t *testing.T) {
	run(t, load(t, "../../testdata/wire/plan.yaml"), []row{
		{"hash pii", `{"text":` + hash + `,"whole":` + hash + `,"mail":null}`, nil},
		{"hash pii", `{"whole":7}`, []string{
			"text: required: missing; a hashed property is left out while the client has no PIIKey", "whole: pii: no string",
		}},
		{"mask pii", `{"text":"***6789","link":"***","mail":"a***@b.c","contact":{"mail":"ü***@b.c"}}`, nil},
		{"mask pii", `{"text":"123456789","mail":"ab***@b.c","contact":{"mail":"***","phone":"1"}}`, []string{
			"text: pii: not masked", "mail: pii: not masked", "contact.phone: pii: sent, but the plan says drop",
		}},
		{"cut pii", `{"text":"ab","link":"htt","addr":"203.0.113.0","day":"1980-01-01","at":"1980-01-01T00:00:00Z","fraction":-3.1}`, nil},
		{"cut pii", `{"text":"","addr":"2001:db8:1::","fraction":3}`, nil},
		{"cut pii", `{"text":"abc","link":"http","addr":"203.0.113.1","day":"1980-01-02","at":"1980-01-01T00:00:01Z","fraction":3.14}`, []string{
			"text: pii: not truncated to 2 characters", "link: pii: not truncated to 3 characters", "addr: pii: not truncated: host bits are set",
			"day: pii: not truncated to its year", "at: pii: not truncated to its year", "fraction: pii: no number of at most one decimal",
		}},
		{"cut pii", `{"text":"a","addr":"2001:db8:1:1::","fraction":1e-7}`, []string{
			"addr: pii: not truncated: host bits are set", "fraction: pii: no number of at most one decimal",
		}},
		{"drop pii", `{"kept":true}`, nil},
		{"drop pii", `{"text":null,"price":1,"list":[]}`, []string{
			"text: pii: sent, but the plan says drop", "price: pii: sent, but the plan says drop", "list: pii: sent, but the plan says drop",
		}},
		{"collections", `{"mails":[` + hash + `],"mail_by_name":{"a":"a***@b.c"},"addrs":["10.0.0.0"],"shapes":[{"type":"nothing"}],"blobs":[null],"lists_by_name":{"a":{"b":"c"}}}`, nil},
		{"collections", `{"mails":["a@b.c"],"mail_by_name":{"b":"a@b.c","a":null},"addrs":["10.0.0.1"],"codes":["ABCDE","a"]}`, []string{
			"codes[0]: max_length: longer than 4 characters", "codes[1]: pattern: does not match ^[A-Z]+$",
			"addrs[0]: pii: not truncated: host bits are set", "mails[0]: pii: not hashed: no 32 lower-case hex digits",
			"mail_by_name.a: nullable: null", "mail_by_name.b: pii: not masked",
		}},
		{"collections", `{"shapes":[{"type":"circle","centre":{"x":1,"y":2},"radius":-1,"closed":1}]}`, []string{
			"shapes[0].radius: min: below 0", "shapes[0].closed: const: another value",
		}},
		{"truncate", `{"text":"ab!d"}`, nil}, // as long as a cut leaves it: what was cut off may have mended the pattern
		{"truncate", `{"text":"ab!"}`, []string{"text: pattern: does not match ^[^!]*$"}},
		{"report", `{"text":"a","whole":10,"blob":[1,2,3,4,5,6,7,8,9,10],"list":[-1,1,1,1]}`, []string{
			"text: min_length: shorter than 2 characters", "whole: max: above 9", "blob: max_bytes: longer than 20 bytes of JSON",
			"list: max_items: more than 3 items", "list[0]: min: below 0",
		}},
		{"report", `{"blob":` + strings.Repeat("[", 33) + strings.Repeat("]", 33) + `}`, []string{
			"blob: type: nested more than 32 levels deep", "blob: max_bytes: longer than 20 bytes of JSON",
		}},
		{"every kind, optional", `{"text":null,"price":null,"price_currency":null,"shape":null}`, nil},
		{"every kind, optional", `{"price":null,"price_currency":"EUR"}`, []string{"price: type: no decimal amount"}},
		{"every kind, optional", `{"price_currency":"EUR"}`, []string{"price: type: missing beside its currency"}},
		{"every kind, optional", `{"day":"2026-02-30","link":"https://user:pw@x.y/","addr":"010.0.0.1","land":"de","unit":"EURO","language":"x","mail":"a@b@c","yes_or_no":0}`, []string{
			"yes_or_no: type: no boolean", "day: type: no date", "link: type: no url", "mail: type: no email", "addr: type: no ip",
			"land: type: no country", "unit: type: no currency", "language: type: no locale",
		}},
		{"open", `{"planned":1,"unplanned":2}`, nil},
		{"grouped", `{"$groups":{"account":"7","team":"t_1","device":"0190c8a4-1111-7222-8333-444455556666"}}`, nil},
		{"grouped", `{"$groups":{"account":"x","team":"1","device":"1"}}`, []string{
			"$groups.account: type: no integer of 64 bits", "$groups.device: type: no uuid", "$groups.team: pattern: does not match ^t_",
		}},
		{"about a person", `{"$set":{"balance":1.50,"balance_currency":"EUR","nickname":null},"$set_once":{"first_tier":"pro plan"}}`, nil},
		{"about a person", `{"$set":{"mail":"a@b.c","legacy_id":"1"}}`, []string{
			"$set.legacy_id: write: the plan says unset", "$set.mail: pii: not hashed: no 32 lower-case hex digits",
		}},
		{"report", `{"client_addr":"10.1.2.3"}`, []string{"client_addr: pii: not truncated: host bits are set"}},
	})
}
