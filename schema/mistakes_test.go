package schema_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/schema"
)

// masked are the pairs of mistakes of which one has to wait until the other is
// mended: it speaks of what the other leaves unknown, or takes away.
var masked = map[[2]string]bool{
	// What the section holds is unknown.
	{"paln: {name", "version: 2.0"}:                                            true,
	{"person: {propertys", "write: once"}:                                      true,
	{"person: {propertys", "write: unset, required: true"}:                     true,
	{"person: {propertys", "tier2: {type: Tier, max_length: 3}"}:               true,
	{"featurs: {summary", "ai_feature: string!"}:                               true,
	{"featurs: {summary", "ticket: {type: string, pattern: '('}"}:              true,
	{"featurs: {summary", "ticket: {type: string, description: \"a\\u202e\"}"}: true,
	// The type that a value or another type is held against is unknown.
	{"of: Price, max_items", "Price: {type: money, max: 5}"}: true,
	{"price: Price!?", "currency: euro"}:                     true,
	{"{type: map}", "{width: 2, depth: 3}"}:                  true,
	// The variants, the kind or the flag that decides is unknown.
	{"variants: [old, new, new]", "default: odl"}:                   true,
	{"variants: [old, new, \" x\"]", "default: odl"}:                true,
	{"kind: multi", "default: old"}:                                 true,
	{"no kind: multivariate, ", "default: old"}:                     true,
	{"flag: beta", "control: odl"}:                                  true,
	{"flag: chekout", "control: odl"}:                               true,
	{"type: stars", "min: 0"}:                                       true,
	{"type: stars", "min: 10, max: 0"}:                              true,
	{"order_id: {type: string, required: yes,", "no order_id: a, "}: true,
	{"order_id: {type: string, required: yes,", "action: hash"}:     true,
	{"use: order_snet", "dual_write: true}, properties: {box: Box"}: true,
	// What the second is about is gone.
	{"discriminator: brand", "variants: {}"}: true,
	{"idempotency: [level]", "action: hash"}: true,
	{"idempotency: []", "action: hash"}:      true,
	// Each of the two is about the same property, which has one finding.
	{"idempotency: [level]", "level: {type: int, min: 5, max: 3}\n"}: true,
}

// Two mistakes in one section yield what each yields alone, whether it is the
// shape that is wrong, a reference or a value.
func TestTwoMistakes(t *testing.T) {
	alone := make([][]string, len(mistakes))
	for i, m := range mistakes {
		alone[i] = said(strings.Replace(sound, m.old, m.new, 1))
	}
	seen := map[[2]string]bool{}
	for i, a := range mistakes {
		for j, b := range mistakes {
			src, ok := both(a, b)
			if !ok {
				continue
			}
			want := slices.Concat(alone[i], alone[j])
			slices.Sort(want)
			diff := cmp.Diff(slices.Compact(want), said(src))
			pair := [2]string{a.name(), b.name()}
			seen[pair] = true
			if (diff != "") != masked[pair] {
				t.Errorf("%q: masked: %t, want %t (-want +got):\n%s", pair, diff != "", masked[pair], diff)
			}
		}
	}
	for pair := range masked {
		if !seen[pair] {
			t.Errorf("%q is no pair of mistakes", pair)
		}
	}
}

// name tells the mistake from the others.
func (m mistake) name() string {
	if m.new == "" {
		return "no " + m.old
	}
	return m.new
}

// both is the sound plan with two mistakes, if they touch one section in two
// places, the first before the second.
func both(a, b mistake) (src string, ok bool) {
	from, then := strings.Index(sound, a.old), strings.Index(sound, b.old)
	between := max(from+len(a.old), then)
	if then < from+len(a.old) || topLevel.MatchString(sound[from:between+1]) || topLevel.MatchString(a.old) {
		return "", false
	}
	return sound[:from] + a.new + sound[from+len(a.old):then] + b.new + sound[then+len(b.old):], true
}

var (
	topLevel = regexp.MustCompile(`(?m)\n[a-z]|^[a-z_]+:\n`)
	position = regexp.MustCompile(`p:[0-9]+:[0-9]+`)
)

// said is what a plan's findings say, in the order of their texts: places move
// with what is written before them.
func said(src string) []string {
	_, found := schema.Parse("p", []byte(src))
	var list []string
	for _, d := range found {
		list = append(list, position.ReplaceAllString(d.Code+": "+d.Message+"; "+d.Fix, "p"))
	}
	slices.Sort(list)
	return slices.Compact(list)
}
