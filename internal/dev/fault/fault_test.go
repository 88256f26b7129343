package fault

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/sink"
)

func schedule(t *testing.T, spec string) *Schedule {
	t.Helper()
	s, err := New(spec, 1)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMeet(t *testing.T) {
	tests := []struct {
		spec string
		want sink.Fault
	}{
		{"", sink.Fault{}},
		{" ", sink.Fault{}},
		{"503", sink.Fault{Status: 503}},
		{"latency=2s", sink.Fault{Delay: 2 * time.Second}},
		{"429:1s, latency=20ms:2s", sink.Fault{Status: 429, Delay: 20 * time.Millisecond}},
		{"reset=100%", sink.Fault{Request: sink.Reset, RequestBytes: sink.All}},
		{"hang=100%", sink.Fault{Request: sink.Hung, RequestBytes: sink.All}},
		{"drop=100%,500", sink.Fault{Status: 500, Request: sink.Closed, RequestBytes: sink.All}},
		{"reset=0.0000001%,latency=1ms", sink.Fault{Delay: time.Millisecond}},
	}
	for _, test := range tests {
		t.Run(test.spec, func(t *testing.T) {
			got := schedule(t, test.spec).Meet(nil)
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("got - want +\n%s", diff)
			}
		})
	}
}

// Each part ends by itself, to the nanosecond, and what has no duration never does.
func TestDurations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := schedule(t, "503:30s, latency=2s:1m,drop=10%")
		for _, step := range []struct {
			after time.Duration // since the step before
			want  []Active
		}{
			{0, []Active{{"503", 30 * time.Second}, {"latency=2s", time.Minute}, {"drop=10%", 0}}},
			{30*time.Second - 1, []Active{{"503", 1}, {"latency=2s", 30*time.Second + 1}, {"drop=10%", 0}}},
			{1, []Active{{"latency=2s", 30 * time.Second}, {"drop=10%", 0}}},
			{30 * time.Second, []Active{{"drop=10%", 0}}},
			{1000 * time.Hour, []Active{{"drop=10%", 0}}},
		} {
			time.Sleep(step.after)
			if diff := cmp.Diff(s.Active(), step.want); diff != "" {
				t.Errorf("after %s more: got - want +\n%s", step.after, diff)
			}
		}
		if got, want := s.Spec(), "503:30s,latency=2s:1m,drop=10%"; got != want {
			t.Errorf("got spec %q, want %q", got, want)
		}
	})
}

func TestMeetEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := schedule(t, "500:10s,latency=1s:20s")
		var got []sink.Fault
		for range 3 {
			got = append(got, s.Meet(nil))
			time.Sleep(10 * time.Second)
		}
		want := []sink.Fault{{Status: 500, Delay: time.Second}, {Delay: time.Second}, {}}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("got - want +\n%s", diff)
		}
	})
}

func TestSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := schedule(t, "503:30s")
		time.Sleep(10 * time.Second)
		if err := s.Set("soon"); err == nil {
			t.Fatal("got no error")
		}
		if diff := cmp.Diff(s.Active(), []Active{{"503", 20 * time.Second}}); diff != "" {
			t.Errorf("a bad spec changed the former one: got - want +\n%s", diff)
		}
		if err := s.Set("503:30s"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s.Active(), []Active{{"503", 30 * time.Second}}); diff != "" {
			t.Errorf("the same spec did not begin anew: got - want +\n%s", diff)
		}
		if err := s.Set(""); err != nil {
			t.Fatal(err)
		}
		if got := s.Active(); len(got) != 0 || s.Spec() != "" {
			t.Errorf("got %v of %q, want nothing", got, s.Spec())
		}
	})
}

// Percentages are those of all requests, whatever stands before them.
func TestPercent(t *testing.T) {
	s := schedule(t, "reset=10%,hang=25%,drop=50%,503")
	got := map[sink.Ending]int{}
	const requests = 100_000
	for range requests {
		f := s.Meet(&http.Request{})
		if f.Status != 503 {
			t.Fatalf("got status %d, want 503 in each", f.Status)
		}
		got[f.Request]++
	}
	for ending, want := range map[sink.Ending]int{sink.Reset: 10, sink.Hung: 25, sink.Closed: 50, sink.Whole: 15} {
		if got := 100 * float64(got[ending]) / requests; got < float64(want)-0.5 || got > float64(want)+0.5 {
			t.Errorf("ending %d: got %.2f%%, want %d%%", ending, got, want)
		}
	}
}

func TestSeed(t *testing.T) {
	draws := func(seed uint64) []sink.Ending {
		s, err := New("reset=50%", seed)
		if err != nil {
			t.Fatal(err)
		}
		var all []sink.Ending
		for range 64 {
			all = append(all, s.Meet(nil).Request)
		}
		return all
	}
	if diff := cmp.Diff(draws(7), draws(7)); diff != "" {
		t.Errorf("one seed, two choices:\n%s", diff)
	}
	if cmp.Equal(draws(7), draws(8)) {
		t.Error("two seeds choose the same 64 requests")
	}
}

func TestBadSpec(t *testing.T) {
	const forms = "; write STATUS (400 to 599), latency=2s, reset=10%, hang=10% or drop=10%, and :DURATION behind what is to end by itself, as in 503:30s"
	tests := map[string]string{
		"soon":                   `fault "soon": "soon" is no fault` + forms,
		"503,":                   `fault "": nothing stands there` + forms,
		"200":                    `fault "200": status "200" is not from 400 to 599` + forms,
		"600:1s":                 `fault "600:1s": status "600" is not from 400 to 599` + forms,
		"-503":                   `fault "-503": "-503" is no fault` + forms,
		"99999999999999999999":   `fault "99999999999999999999": "99999999999999999999" is no fault` + forms,
		"503:":                   `fault "503:": "" is no duration such as 30s` + forms,
		"503:30":                 `fault "503:30": "30" is no duration such as 30s` + forms,
		"503:30s:30s":            `fault "503:30s:30s": "30s:30s" is no duration such as 30s` + forms,
		"503:-1s":                `fault "503:-1s": "-1s" is not from 1ms to 60 minutes` + forms,
		"503:61m":                `fault "503:61m": "61m" is not from 1ms to 60 minutes` + forms,
		"latency=6m":             `fault "latency=6m": "6m" is not from 1ms to 5 minutes` + forms,
		"latency=":               `fault "latency=": "" is no duration such as 30s` + forms,
		"latency":                `fault "latency": "latency" is no fault` + forms,
		"503,latency=soon":       `fault "latency=soon": "soon" is no duration such as 30s` + forms,
		"reset=10":               `fault "reset=10": "10" is no percentage such as 10%` + forms,
		"reset=Inf%":             `fault "reset=Inf%": "Inf%" is no percentage such as 10%` + forms,
		"reset=1e1%":             `fault "reset=1e1%": "1e1%" is no percentage such as 10%` + forms,
		"reset=%":                `fault "reset=%": "%" is no percentage such as 10%` + forms,
		"hang=0%":                `fault "hang=0%": "0%" is not above 0% and up to 100%` + forms,
		"hang=101%":              `fault "hang=101%": "101%" is not above 0% and up to 100%` + forms,
		"status=503":             `fault "status=503": "status" is no fault` + forms,
		"\x1b[2J=1":              `fault "\x1b[2J=1": "\x1b[2J" is no fault` + forms,
		"503:1s,500":             `fault "500": the spec has "503:1s", too; give one status`,
		"reset=1%,reset=2%":      `fault "reset=2%": the spec has "reset=1%", too; give one reset`,
		"reset=60%,drop=41%":     `fault "drop=41%": the percentages add up to more than 100; lower one`,
		strings.Repeat("x", 201): `the fault spec is longer than 200 bytes` + forms,
	}
	for spec, want := range tests {
		t.Run(spec, func(t *testing.T) {
			_, err := New(spec, 1)
			if err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// Whatever is taken is bounded, and taken again as Spec writes it.
func FuzzSet(f *testing.F) {
	for _, spec := range []string{"", "503", "503:30s,latency=2s,reset=10%", "hang=5%:1m, drop=.5%", "reset=1e9%", "503:30s:1s", "=,:%"} {
		f.Add(spec)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		s, err := New(spec, 1)
		if err != nil {
			if len(err.Error()) > 2000 {
				t.Errorf("%q: an error of %d bytes", spec, len(err.Error()))
			}
			return
		}
		met := s.Meet(nil)
		if met.Delay < 0 || met.Delay > maxLatency || met.Status != 0 && (met.Status < 400 || met.Status > 599) {
			t.Errorf("%q meets %+v", spec, met)
		}
		for _, a := range s.Active() {
			if a.Left < 0 || a.Left > maxLasting || a.Text == "" {
				t.Errorf("%q has %+v", spec, a)
			}
		}
		again, err := New(s.Spec(), 1)
		if err != nil {
			t.Fatalf("%q is written as %q: %v", spec, s.Spec(), err)
		}
		if again.Spec() != s.Spec() || len(again.Active()) > len(s.Active()) {
			t.Errorf("%q is written as %q, and that as %q", spec, s.Spec(), again.Spec())
		}
	})
}
