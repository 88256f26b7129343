package coverage

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/internal/eventfile"
	"github.com/phgen/phgen/internal/shape"
	"github.com/phgen/phgen/schema"
)

const plan = `phgen: 1
plan: {name: acme}
owners: {growth: {}}
defaults: {owner: growth}
types:
  Line:
    type: object
    properties:
      sku: string!
      gift: bool
  Payment:
    union: {discriminator: kind}
    variants:
      card: {properties: {brand: string!}}
      cash: {properties: {coins: int!}}
  Tier: {enum: {free: "", pro: "", old: {deprecated: gone}}}
property_sets:
  request:
    method: {enum: [get, post]}
context: {properties: {locale: locale}}
person: {properties: {tier: Tier, old: {type: string, write: unset}}}
groups: {team: {properties: {seats: int}}}
events:
  paid:
    use: [request]
    properties:
      total: money!
      lines: [Line]
      payment: Payment
      by_name: {type: map, values: Tier}
      channel: {const: server}
      card_number: {type: string, pii: {kind: financial, action: drop}}
      coupon: {type: string, deprecated: unused}
  seen:
    use: [request]
    properties: {tier: Tier}
  later: {status: draft}
  before: {deprecated: {use: seen}}
flags:
  banner: {kind: boolean}
  checkout: {kind: multivariate, variants: [short, long]}
  limits: {kind: remote_config, payload: {type: object, properties: {n: int}}}
ai: {features: {summary: {properties: {ticket: string}}}}
`

func load(t testing.TB) *Coverage {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan.yaml")
	if err := os.WriteFile(file, []byte(plan), 0o600); err != nil {
		t.Fatal(err)
	}
	p, findings, err := schema.Load(file)
	if err != nil || p == nil {
		t.Fatal(findings, err)
	}
	return New(p)
}

const captured = `
{"event":"paid","properties":{"total":1,"total_currency":"EUR","lines":[{"sku":"free"},{"sku":"a"}],"payment":{"kind":"card","brand":"visa"},"by_name":{"ann":"pro"},"channel":"server","locale":"de","$feature/checkout":"short"}}
{"event":"paid","properties":{"total":1,"total_currency":"EUR","payment":{"kind":"cheque"},"method":"get","coupon":"X"}}
{"event":"before"}
{"event":"later"}
{"event":"$identify","properties":{"$set":{"tier":"free"}}}
{"event":"$groupidentify","properties":{"$group_type":"team","$group_key":"t1","$group_set":{"seats":3}}}
{"event":"$feature_flag_called","properties":{"$feature_flag":"banner","$feature_flag_response":true}}
{"event":"$feature_flag_called","properties":{"$feature_flag":"checkout","$feature_flag_response":"long"}}
{"event":"$ai_generation","properties":{"ai_feature":"summary","ticket":"t"}}
{"event":"made up"}
{"event":"$pageview"}
`

func count0(c *Coverage) map[string]int {
	counts := map[string]int{}
	for _, item := range c.Items() {
		counts[string(item.Kind)+" "+item.Name] = item.Count
	}
	return counts
}

var want = map[string]int{
	"event paid":                  2,
	"property paid.total":         2,
	"property paid.lines":         1,
	"property paid.payment":       2,
	"property paid.by_name":       1,
	"property paid.method":        1,
	"property Line.sku":           2,
	"property Line.gift":          0,
	"value Payment card":          1,
	"value Payment cash":          0,
	"property Payment.card.brand": 1,
	"property Payment.cash.coins": 0,
	"value Tier free":             1,
	"value Tier pro":              1,
	"value request.method get":    1,
	"value request.method post":   0,
	"event seen":                  0,
	"property seen.tier":          0,
	"property seen.method":        0,
	"property context.locale":     1,
	"property person.tier":        1,
	"property team.seats":         1,
	"property summary.ticket":     1,
	"flag variant banner true":    1,
	"flag variant banner false":   0,
	"flag variant checkout short": 1,
	"flag variant checkout long":  1,
	"flag variant checkout false": 0,
}

// Whole events and their shapes count alike.
func TestAdd(t *testing.T) {
	for _, form := range []struct {
		name string
		of   func(line string) string
	}{
		{"whole", func(line string) string { return line }},
		{"shapes", func(line string) string { return string(shape.Line([]byte(line))) }},
	} {
		c := load(t)
		for _, line := range strings.Split(strings.TrimSpace(captured), "\n") {
			var e struct {
				Event      string
				Properties map[string]any
			}
			if err := json.Unmarshal([]byte(form.of(line)), &e); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			c.Add(e.Event, e.Properties)
		}
		if diff := cmp.Diff(want, count0(c)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", form.name, diff)
		}
		if c.Seen != 11 || c.Unplanned != 1 {
			t.Errorf("%s: got %d events, %d of them unplanned; want 11 and 1", form.name, c.Seen, c.Unplanned)
		}
	}
}

func TestReport(t *testing.T) {
	c := load(t)
	var skipped []string
	err := c.Read(strings.NewReader(captured+"{\n"), func(u *eventfile.Unreadable) { skipped = append(skipped, u.Error()) })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"14:1: the text ends where a quote should be, in what began in line 13"}, skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	shares := map[Kind]Share{}
	for _, kind := range Kinds() {
		shares[kind] = c.Share(kind)
	}
	if diff := cmp.Diff(map[Kind]Share{Event: {1, 2}, Property: {11, 15}, Value: {4, 6}, Survey: {}, Question: {}, FlagVariant: {3, 5}, ExperimentVariant: {}}, shares); diff != "" {
		t.Errorf("shares (-want +got):\n%s", diff)
	}
	if got := c.Total(); got != (Share{16, 23}) {
		t.Errorf("total: got %v, want 16 of 23", got)
	}
	var uncovered []string
	for _, item := range c.Uncovered() {
		uncovered = append(uncovered, fmt.Sprintf("%d:%d %s %s (%s)", item.Pos.Line, item.Pos.Col, item.Kind, item.Name, item.Owner))
	}
	wantUncovered := []string{
		"10:7 property Line.gift ()",
		"15:7 value Payment cash ()",
		"15:27 property Payment.cash.coins ()",
		"19:26 value request.method post ()",
		"34:3 event seen (growth)", // its properties go without saying
		"40:3 flag variant banner false (growth)",
		"41:3 flag variant checkout false (growth)",
	}
	if diff := cmp.Diff(wantUncovered, uncovered); diff != "" {
		t.Errorf("uncovered (-want +got):\n%s", diff)
	}
}

func TestPercent(t *testing.T) {
	for _, tt := range []struct {
		share Share
		want  float64
	}{{Share{}, 100}, {Share{0, 3}, 0}, {Share{1, 4}, 25}, {Share{3, 3}, 100}} {
		if got := tt.share.Percent(); got != tt.want {
			t.Errorf("%v: got %v, want %v", tt.share, got, tt.want)
		}
	}
}
