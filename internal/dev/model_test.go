package dev

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/phgen/phgen/schema"
)

// A told is an event as the model remembers it: all of it, for ever.
type told struct {
	seq     uint64
	at      time.Time
	name    string
	person  string
	uuid    string
	raw     string
	request uint64
	verdict Verdict
	old     bool // it uses something deprecated
}

// A model is the store without bounds, index or haste.
type model struct {
	plan     int
	max      int
	all      []told
	requests uint64
}

func (m *model) kept() []told { return m.all[max(0, len(m.all)-m.max):] }

// verdict is what the model's plans say: the first one knows a and b, whose n is at least
// 0; the second one b and c, of which b is deprecated; the third is none.
func (m *model) verdict(name string, n int) (Verdict, bool) {
	planned := [][]string{{"a", "b"}, {"b", "c"}, {"a", "b", "c"}}[m.plan]
	switch {
	case !slices.Contains(planned, name):
		return Unplanned, false
	case n < 0 && m.plan < 2:
		return Invalid, m.plan == 1 && name == "b"
	}
	return OK, m.plan == 1 && name == "b"
}

func (m *model) events(f Filter) (rows []uint64, more bool) {
	for _, e := range slices.Backward(m.kept()) {
		switch {
		case f.Event != "" && f.Event != e.name, f.Person != "" && f.Person != e.person, f.Verdict != "" && f.Verdict != e.verdict,
			e.seq <= f.Since, f.Before > 0 && e.seq >= f.Before, !strings.Contains(strings.ToLower(e.raw), strings.ToLower(f.Text)):
			continue
		case len(rows) == f.Limit:
			more = true
			continue
		}
		rows = append(rows, e.seq)
	}
	slices.Reverse(rows)
	return rows, more
}

// Whatever comes, and whatever is asked, the store answers as if it had no bounds but one.
func TestStoreIsItsModel(t *testing.T) {
	plans := []*schema.Plan{
		parsePlan(t, "phgen: 1\nplan: {name: x}\nevents:\n  a: {properties: {n: {type: int, min: 0}}}\n  b: {properties: {n: {type: int, min: 0}}}\n"),
		parsePlan(t, "phgen: 1\nplan: {name: x}\nevents:\n  b: {status: deprecated, properties: {n: {type: int, min: 0}}}\n  c: {properties: {n: {type: int, min: 0}}}\n"),
		nil,
	}
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{max: rapid.IntRange(1, 100).Draw(rt, "max")}
		s := NewStore(Config{Plan: plans[0], MaxEvents: m.max})
		rt.Repeat(map[string]func(*rapid.T){
			"add":    func(rt *rapid.T) { addToBoth(rt, s, m) },
			"events": func(rt *rapid.T) { askBoth(rt, s, m) },
			"plan": func(rt *rapid.T) {
				m.plan = rapid.IntRange(0, 2).Draw(rt, "plan")
				s.SetPlan(plans[m.plan], "x", nil)
				kept := m.kept()
				for i := range kept {
					kept[i].verdict, kept[i].old = m.verdict(kept[i].name, number(kept[i].raw))
				}
			},
			"reset": func(rt *rapid.T) {
				if rapid.IntRange(0, 9).Draw(rt, "really") == 0 {
					s.Reset()
					m.all, m.requests = nil, 0
				}
			},
			"": func(rt *rapid.T) {
				compareSummaries(rt, s, m)
				checkAccounts(rt, s)
			},
		})
	})
}

func number(raw string) int {
	var n int
	_, after, _ := strings.Cut(raw, `"n":`)
	fmt.Sscan(strings.TrimRight(after, "}"), &n)
	return n
}

var at = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func addToBoth(rt *rapid.T, s *Store, m *model) {
	var raws []string
	m.requests++
	when := at.Add(time.Duration(rapid.IntRange(0, 200).Draw(rt, "second")) * time.Second)
	again := 0
	for range rapid.IntRange(0, 40).Draw(rt, "events") {
		e := told{
			seq: uint64(len(m.all) + 1), at: when, request: m.requests,
			name:   rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "name"),
			person: rapid.SampledFrom([]string{"u1", "u2", "Ünal"}).Draw(rt, "person"),
			uuid:   rapid.SampledFrom([]string{"", "", "0190c8a4-1111-7222-8333-444455556666", "0190c8a4-1111-7222-8333-444455556667"}).Draw(rt, "uuid"),
		}
		n := rapid.IntRange(-1, 12).Draw(rt, "n")
		e.verdict, e.old = m.verdict(e.name, n)
		e.raw = fmt.Sprintf(`{"event":%q,"distinct_id":%q,"uuid":%q,"properties":{"n":%d}}`, e.name, e.person, e.uuid, n)
		if e.uuid != "" && slices.ContainsFunc(m.kept(), func(other told) bool { return other.uuid == e.uuid }) {
			again++
		}
		m.all = append(m.all, e)
		raws = append(raws, e.raw)
	}
	rows := s.Add(exchange(rt, when, raws...))
	for i, row := range rows {
		e := m.all[len(m.all)-len(rows)+i]
		want := Row{Seq: e.seq, At: e.at, Event: e.name, Person: e.person, Verdict: e.verdict, Bytes: len(e.raw), Request: e.request}
		if diff := cmp.Diff(want, row, cmpopts.IgnoreFields(Row{}, "Finding", "Findings", "Deprecated")); diff != "" {
			rt.Fatalf("row (-want +got):\n%s", diff)
		}
		if (row.Findings > 0) != (row.Verdict != OK) || (row.Deprecated != "") != e.old {
			rt.Fatalf("got %+v, want deprecated %t", row, e.old)
		}
	}
	if got := s.Requests(m.requests-1, 0); len(got) != 1 || got[0].Seq != m.requests || got[0].Events != len(rows) || got[0].Again != again {
		rt.Fatalf("got %+v, want request %d with %d events, %d of them again", got, m.requests, len(rows), again)
	}
}

func askBoth(rt *rapid.T, s *Store, m *model) {
	seq := rapid.Custom(func(rt *rapid.T) uint64 { return uint64(rapid.IntRange(0, len(m.all)+2).Draw(rt, "seq")) })
	f := Filter{
		Event:   rapid.SampledFrom([]string{"", "a", "b", "d"}).Draw(rt, "event"),
		Verdict: rapid.SampledFrom([]Verdict{"", OK, Unplanned, Invalid}).Draw(rt, "verdict"),
		Person:  rapid.SampledFrom([]string{"", "u1", "Ünal", "nobody"}).Draw(rt, "person"),
		Text:    rapid.SampledFrom([]string{"", "ünaL", `"N":1`, "7", "EVENT", "xyz"}).Draw(rt, "text"),
		Since:   seq.Draw(rt, "since"), Before: seq.Draw(rt, "before"),
		Limit: rapid.IntRange(1, 20).Draw(rt, "limit"),
	}
	page := s.Events(f)
	var got []uint64
	for _, row := range page.Rows {
		got = append(got, row.Seq)
	}
	want, more := m.events(f)
	if !slices.Equal(got, want) || page.More != more || page.Last != uint64(len(m.all)) {
		rt.Fatalf("%+v: got %v, more %t, last %d, want %v, %t, %d", f, got, page.More, page.Last, want, more, len(m.all))
	}
}

func compareSummaries(rt *rapid.T, s *Store, m *model) {
	want := Summary{Last: uint64(len(m.all)), Kept: len(m.kept()), Dropped: uint64(len(m.all) - len(m.kept())), Requests: m.requests}
	names, ticks := map[string]*NameCount{}, map[int64]*Tick{}
	for _, e := range m.all {
		if names[e.name] == nil {
			names[e.name] = &NameCount{Event: e.name}
		}
		if ticks[e.at.Unix()] == nil {
			ticks[e.at.Unix()] = &Tick{At: e.at.Unix()}
		}
		names[e.name].Last = e.seq
		for _, c := range []*Counts{&want.Counts, &names[e.name].Counts, &ticks[e.at.Unix()].Counts} {
			*c.of(e.verdict)++
		}
		if e.old {
			want.Deprecated++
		}
	}
	for _, n := range names {
		want.Names = append(want.Names, *n)
	}
	slices.SortFunc(want.Names, func(a, b NameCount) int {
		if a.sum() != b.sum() {
			return int(b.sum()) - int(a.sum())
		}
		return strings.Compare(a.Event, b.Event)
	})
	for _, second := range slices.Sorted(maps.Keys(ticks)) {
		want.Ticks = append(want.Ticks, *ticks[second])
	}
	got := s.Summary()
	ignored := cmpopts.IgnoreFields(Summary{}, "Run", "Started", "KeptBytes", "Plan")
	if len(want.Ticks) > maxTicks { // which of them are left depends on their order
		want.Ticks, got.Ticks = nil, nil
	}
	if diff := cmp.Diff(want, got, ignored, cmpopts.EquateEmpty()); diff != "" {
		rt.Fatalf("summary (-want +got):\n%s", diff)
	}
}

// checkAccounts counts anew what the archive says that it takes.
func checkAccounts(rt *rapid.T, s *Store) {
	a := &s.kept
	var raw, texts int64
	uses, uuids := map[word]int{}, map[[16]byte]int{}
	for seq := a.first; seq <= a.last(); seq++ {
		e := a.entry(seq)
		raw += int64(cap(e.raw))
		for _, w := range []word{e.name, e.person, e.path, e.sdk, e.trace, e.title, e.judged.finding, e.judged.deprecated} {
			if w != 0 {
				uses[w]++
			}
		}
		if e.uuid != [16]byte{} {
			uuids[e.uuid]++
		}
	}
	for w, n := range uses {
		texts += wordCost + int64(len(a.words.text(w)))
		if a.words.slots[w].uses != n {
			rt.Fatalf("%q has %d uses, want %d", a.words.text(w), a.words.slots[w].uses, n)
		}
	}
	if len(a.words.numbers) != len(uses) || a.words.bytes != texts || a.raw != raw {
		rt.Fatalf("got %d words of %d bytes and %d raw bytes, want %d, %d, %d", len(a.words.numbers), a.words.bytes, a.raw, len(uses), texts, raw)
	}
	if diff := cmp.Diff(uuids, a.uuids, cmpopts.EquateEmpty()); diff != "" {
		rt.Fatalf("uuids (-want +got):\n%s", diff)
	}
	if a.n > a.maxEvents || a.bytes() > a.maxBytes {
		rt.Fatalf("%d events of %d bytes are more than allowed", a.n, a.bytes())
	}
}
