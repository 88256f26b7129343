package flags

import (
	"encoding/json"
	"strings"
	"testing"
)

// negations are the operators of which no property matches both.
var negations = [][2]string{
	{"exact", "is_not"},
	{"is_set", "is_not_set"},
	{"icontains", "not_icontains"},
	{"starts_with", "not_starts_with"},
	{"ends_with", "not_ends_with"},
	{"icontains_multi", "not_icontains_multi"},
	{"regex", "not_regex"},
	{"between", "not_between"},
	{"gt", "lte"},
	{"gte", "lt"},
	{"is_date_before", "is_date_after"},
	{"is_date_exact", "is_date_after"},
	{"semver_eq", "semver_neq"},
	{"semver_gt", "semver_lte"},
	{"semver_gte", "semver_lt"},
}

func FuzzPredicate(f *testing.F) {
	for _, value := range valued {
		f.Add(value, `"a"`)
	}
	for _, seed := range [][2]string{
		{`"(a+)+$"`, `"aaaa!"`}, {`["true"]`, `[]`}, {`"-12m"`, `"2025-01-31"`}, {`"1.2.*"`, `1.2`},
		{`{"a":[1e5,null]}`, `{"a":[1e5,null]}`}, {`[1,2]`, `"nan"`}, {`"[[:alpha:]-z]"`, `"\u0000"`}, {`"ΑΣ"`, `"ας"`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, value, property string) {
		s := scratch{now: testNow}
		var decoded any
		d := json.NewDecoder(strings.NewReader(property))
		d.UseNumber()
		if d.Decode(&decoded) != nil {
			decoded = property
		}
		for op := range operators {
			p := newPredicate(op, json.RawMessage(value), len(value)%2 == 0)
			got := p.match(decoded, &s)
			if settled := p.absent(); settled != unsure && got != settled {
				t.Errorf("%s %s, %s: got %s, want %s as for all", op, value, property, got, settled)
			}
			if why := p.unsupported(); why != "" && (got == yes || p.unset() == yes || p.absent() != unsure) {
				t.Errorf("%s %s, %s: got %s, unset %s, not known %s, none of which may be certain to match: %s",
					op, value, property, got, p.unset(), p.absent(), why)
			}
			if again := p.match(decoded, &s); again != got {
				t.Errorf("%s %s, %s: got %s, then %s", op, value, property, got, again)
			}
			if p.unset() == unsure && p.absent() != unsure {
				t.Errorf("%s %s: settled for all, not for the absent", op, value)
			}
		}
		for _, pair := range negations {
			p := newPredicate(pair[0], json.RawMessage(value), false)
			q := newPredicate(pair[1], json.RawMessage(value), false)
			if p.match(decoded, &s) == yes && q.match(decoded, &s) == yes {
				t.Errorf("%s and %s %s, %s: both match", pair[0], pair[1], value, property)
			}
		}
		if cap(s.buf) > 4<<20 {
			t.Errorf("the buffer grew to %d bytes", cap(s.buf))
		}
	})
}
