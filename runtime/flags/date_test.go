package flags

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"
)

func TestParseMoment(t *testing.T) {
	day := time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)
	at := func(h, m, s, ns int) time.Time { return time.Date(2024, 6, 1, h, m, s, ns, time.UTC) }
	for _, c := range []struct {
		s    string
		want moment
	}{
		{"2024-06-01", moment{form: wall, at: day}},
		{"2024-06-01T10:20", moment{form: wall, at: at(10, 20, 0, 0)}},
		{"2024-06-01 10:20:30", moment{form: wall, at: at(10, 20, 30, 0)}},
		{"2024-06-01T10:20:30.5", moment{form: wall, at: at(10, 20, 30, 5e8)}},
		{"2024-06-01T10:20:30Z", moment{form: instant, at: at(10, 20, 30, 0)}},
		{"2024-06-01T10:20:30.123456789Z", moment{form: instant, at: at(10, 20, 30, 123456789)}},
		{"2024-06-01T10:20:30+02:30", moment{form: instant, at: at(7, 50, 30, 0)}},
		{"2024-05-31T23:00:00-04:00", moment{form: instant, at: at(3, 0, 0, 0)}},
		{"2024-02-29", moment{form: wall, at: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)}},
		{"30d", moment{form: relative, count: 30, unit: 'd'}},
		{"-030d", moment{form: relative, count: 30, unit: 'd'}},
		{"0h", moment{form: relative, count: 0, unit: 'h'}},
		{"9999w", moment{form: relative, count: 9999, unit: 'w'}},
		{"-1m", moment{form: relative, count: 1, unit: 'm'}},
		{"-1y", moment{form: relative, count: 1, unit: 'y'}},
	} {
		if got, ok := parseMoment(c.s); !ok || got != c.want {
			t.Errorf("%q: got %+v, %t; want %+v", c.s, got, ok, c.want)
		}
	}
}

func TestParseMomentRefused(t *testing.T) {
	for _, s := range []string{
		"", "-", "d", "-d", "3", "3s", "3D", "--3d", "+3d", " 3d", "3h ", "3 d", "1.5d", "10000d", "99999999999999999999d",
		"2024", "2024-06", "2024-6-1", "24-06-01", "2024/06/01", "20240601", "1 June 2024", "2024-06-01 ", " 2024-06-01",
		"2024-13-01", "2024-00-01", "2024-06-31", "2023-02-29", "0000-06-01", "2024-06-00",
		"2024-06-01T", "2024-06-01T1:00", "2024-06-01T24:00:00Z", "2024-06-01T10:60:00Z", "2024-06-01T10:00:60Z", "2024-06-01T10:00:0Z",
		"2024-06-01T10:00Z", "2024-06-01 10:00:00Z", "2024-06-01t10:00:00z", "2024-06-01T10:00:00 UTC", "2024-06-01T10:00:00.Z",
		"2024-06-01T10:00:00.1234567890Z", "2024-06-01T10:00:00+0200", "2024-06-01T10:00:00+24:00", "2024-06-01T10:00:00+02:60",
		"2024-06-01T10:00:00+02", "2024-06-01T10:00:00Zx", "2024-06-01T10:00:00,5Z", "2024-06-01x10:00:00Z",
	} {
		if m, ok := parseMoment(s); ok {
			t.Errorf("%q: got %+v, want none", s, m)
		}
	}
}

func TestAgo(t *testing.T) {
	for _, c := range []struct{ now, back, want string }{
		{"2026-03-31T12:30:00Z", "1m", "2026-02-28T12:30:00Z"},
		{"2024-03-31T12:30:00Z", "1m", "2024-02-29T12:30:00Z"},
		{"2026-03-31T12:30:00Z", "2m", "2026-01-28T12:30:00Z"},
		{"2024-03-31T12:30:00Z", "2m", "2024-01-29T12:30:00Z"},
		{"2026-05-31T00:00:00Z", "1m", "2026-04-30T00:00:00Z"},
		{"2026-05-31T00:00:00Z", "13m", "2025-04-28T00:00:00Z"},
		{"2026-01-15T00:00:00Z", "1m", "2025-12-15T00:00:00Z"},
		{"2026-01-31T00:00:00Z", "12m", "2025-01-28T00:00:00Z"},
		{"2026-01-31T00:00:00Z", "0m", "2026-01-31T00:00:00Z"},
		{"2024-02-29T00:00:00Z", "1y", "2023-02-28T00:00:00Z"},
		{"2024-02-29T00:00:00Z", "4y", "2020-02-28T00:00:00Z"},
		{"2024-02-29T00:00:00Z", "0y", "2024-02-29T00:00:00Z"},
		{"2024-03-31T00:00:00Z", "1y", "2023-03-31T00:00:00Z"},
		{"2026-01-31T12:00:00Z", "9999m", "1192-10-28T12:00:00Z"},
		{"2026-03-31T12:00:00Z", "30d", "2026-03-01T12:00:00Z"},
		{"2026-03-31T12:00:00Z", "2w", "2026-03-17T12:00:00Z"},
		{"2026-03-31T12:00:00Z", "36h", "2026-03-30T00:00:00Z"},
	} {
		m, ok := parseMoment(c.back)
		now, err := time.Parse(time.RFC3339, c.now)
		if !ok || err != nil {
			t.Fatalf("%s, %s: %t, %v", c.now, c.back, ok, err)
		}
		m, ok = m.on(0, now)
		if got := m.in(0, now); got.Format(time.RFC3339) != c.want || !ok {
			t.Errorf("%s before %s: got %v, %t; want %s", c.back, c.now, got, ok, c.want)
		}
	}
}

func TestMatchDate(t *testing.T) {
	testMatches(t, []matchCase{
		// Relative dates count from 2026-01-31T12:00:00Z; their sign means nothing.
		{"is_date_after", `"-1d"`, "2026-01-30T12:00:01Z", yes},
		{"is_date_after", `"1d"`, "2026-01-30T12:00:00Z", no},
		{"is_date_before", `"-1d"`, "2026-01-30T12:00:00Z", no},
		{"is_date_before", `"-1d"`, "2026-01-30T11:59:59.999Z", yes},
		{"is_date_exact", `"-24h"`, "2026-01-30T12:00:00Z", yes},
		{"is_date_after", `"0h"`, "2026-01-31T12:00:00.000000001Z", yes},
		{"is_date_before", `"-1w"`, "-8d", yes},
		{"is_date_exact", `"-1w"`, "7d", yes},
		{"is_date_exact", `"-1m"`, "-1m", yes},
		{"is_date_exact", `"-12m"`, "-1y", unsure}, // the 28th or the 31st, or in the far east the first
		{"is_date_before", `"-1m"`, "-1y", yes},
		{"is_date_after", `"-9999y"`, "2026-01-31T12:00:00Z", unsure}, // before the year 1
		{"is_date_after", `"-30d"`, testNow, yes},
		{"is_date_after", `"-30d"`, testNow.AddDate(0, 0, -31), no},

		// Twelve months ago was January 28, since February is short; but in the far east it
		// is February already, and twelve months ago was February 1.
		{"is_date_after", `"-12m"`, "2025-01-28T12:00:00Z", no},
		{"is_date_after", `"-12m"`, "2025-01-28T12:00:01Z", unsure},
		{"is_date_after", `"-12m"`, "2025-01-31T12:00:00Z", unsure},
		{"is_date_after", `"-12m"`, "2025-01-31T12:00:01Z", yes},
		{"is_date_after", `"-1m"`, "2025-12-31T12:00:01Z", yes}, // the same instant everywhere
		{"is_date_after", `"-1m"`, "2025-12-31T12:00:00Z", no},

		// Without a zone, every zone from -12 to +14 hours must agree.
		{"is_date_before", `"2026-01-02"`, "2026-01-01T10:00:00Z", unsure},
		{"is_date_before", `"2026-01-02"`, "2026-01-01T09:59:59Z", yes},
		{"is_date_after", `"2026-01-02"`, "2026-01-02T12:00:00Z", unsure},
		{"is_date_after", `"2026-01-02"`, "2026-01-02T12:00:01Z", yes},
		{"is_date_after", `"2026-01-02"`, "2026-01-01T10:00:00Z", no},
		{"is_date_before", `"2026-01-02"`, "2026-01-02", no},
		{"is_date_exact", `"2026-01-02"`, "2026-01-02 00:00", yes},
		{"is_date_before", `"2026-01-02"`, "2026-01-01T23:59:59.999", yes},
		{"is_date_exact", `"2026-01-02"`, "2026-01-02T00:00:00Z", unsure},
		{"is_date_exact", `"2026-01-02"`, "2026-01-05T00:00:00Z", no},
		{"is_date_exact", `"2026-01-02T00:00:00Z"`, "2026-01-01 12:00", unsure},
		{"is_date_after", `"2026-01-02T00:00:00Z"`, "2026-01-05", yes},
		{"is_date_after", `"-30d"`, "2026-01-01", no},
		{"is_date_after", `"-30d"`, "2026-01-01 00:01", unsure},
		{"is_date_after", `"-30d"`, "2026-01-03", yes},
		{"is_date_after", `"-1m"`, "2025-12-30", no},
		{"is_date_after", `"-1m"`, "2025-12-31", no},
		{"is_date_after", `"-1m"`, "2025-12-31 06:00", unsure},
		{"is_date_after", `"-1m"`, "2026-01-02", yes},

		// Numbers are seconds, and so are texts of numbers.
		{"is_date_before", `"1970-01-01T00:33:45Z"`, 2024, yes},
		{"is_date_before", `"1970-01-01T00:33:45Z"`, "2024", yes},
		{"is_date_before", `"1970-01-01T00:33:44Z"`, "2024", no},
		{"is_date_exact", `"1970-01-01T00:33:44Z"`, "2024", yes},
		{"is_date_exact", `"1969-12-31T23:59:59Z"`, -1, yes},
		{"is_date_after", `"2023-11-14T22:13:20Z"`, 1700000000.5, yes},
		{"is_date_after", `"2023-11-14T22:13:20.5Z"`, 1700000000.5, unsure},
		{"is_date_after", `"2023-11-14T22:13:20Z"`, "1700000000.25", yes},
		{"is_date_after", `"2023-11-14T22:13:20Z"`, json.Number("1700000000.0"), no},
		{"is_date_before", `"1969-12-31T23:59:59Z"`, -1.5, unsure},
		{"is_date_after", `"-30d"`, int64(1769000000000), yes}, // milliseconds are the far future
		{"is_date_after", `"-30d"`, 9e15, unsure},
		{"is_date_after", `"-30d"`, "1e9", unsure},
		{"is_date_after", `"-30d"`, "+5", unsure},
		{"is_date_after", `"-30d"`, "inf", unsure},
		{"is_date_after", `"-30d"`, "nan", unsure},

		{"is_date_after", `"-30d"`, "", unsure},
		{"is_date_after", `"-30d"`, "yesterday", unsure},
		{"is_date_after", `"-30d"`, "2026/01/30", unsure},
		{"is_date_after", `"-30d"`, true, no},
		{"is_date_after", `"-30d"`, []any{"2026-01-30"}, no},
		{"is_date_after", `"-30d"`, map[string]any{}, no},
	})
}

// TestOrderOf compares the order of random moments with their orders in each zone, minute
// by minute.
func TestOrderOf(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	now := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	moments := func() moment {
		at := now.Add(-time.Duration(r.IntN(60*24*60)) * time.Minute)
		switch r.IntN(4) {
		case 0:
			return moment{form: instant, at: at}
		case 1:
			return moment{form: wall, at: at}
		}
		return moment{form: relative, count: r.IntN(3), unit: "hdwmy"[r.IntN(5)]}
	}
	for range 1000 {
		m, f := moments(), moments()
		at := now.Add(time.Duration(r.IntN(6*24*60)-3*24*60) * time.Minute)
		got, ok := orderOf(&m, &f, at)
		if !ok {
			t.Fatalf("%+v, %+v at %v: no order", m, f, at)
		}
		var want order
		for zone := westmost; zone <= eastmost; zone += time.Minute {
			a, _ := m.on(zone, at)
			b, _ := f.on(zone, at)
			want |= [...]order{earlier, same, later}[a.in(zone, at).Compare(b.in(zone, at))+1]
		}
		if want == earlier|later {
			want |= same // the days of a month that is skipped
		}
		if got != want {
			t.Errorf("%+v, %+v at %v: got %b, want %b", m, f, at, got, want)
		}
	}
}
