package value

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestAppendUUID(t *testing.T) {
	for range 100 {
		u := uuid.New()
		if got, want := string(AppendUUID([]byte("x"), u)), `x"`+u.String()+`"`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAppendIP(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"1.2.3.4", `"1.2.3.4"`},
		{"::ffff:1.2.3.4", `"1.2.3.4"`},
		{"2001:DB8::1", `"2001:db8::1"`},
		{"fe80::1%eth0", `"fe80::1"`},
	} {
		if got := string(AppendIP(nil, netip.MustParseAddr(tt.in))); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.in, got, tt.want)
		}
	}
	if got := string(AppendIP(nil, netip.Addr{})); got != "null" {
		t.Errorf("zero Addr: got %s, want null", got)
	}
}

func FuzzAppendTime(f *testing.F) {
	f.Add(int64(0), int64(0), 0)
	f.Add(int64(minUnix), int64(0), 1)
	f.Add(int64(maxUnix), int64(999999999), -3600)
	f.Add(int64(maxUnix+1), int64(0), 0)
	f.Add(int64(minUnix-1), int64(0), 0)
	f.Add(int64(951782400), int64(120), 7200) // 29 February 2000
	f.Fuzz(func(t *testing.T, sec, nsec int64, zone int) {
		for _, sec := range []int64{sec, minUnix + (sec&(1<<62-1))%(maxUnix-minUnix+1)} {
			at := time.Unix(sec, nsec%1e9).In(time.FixedZone("", zone%86400))
			got, ok := AppendTime(nil, at)
			want := `"` + at.UTC().Format(time.RFC3339Nano) + `"`
			year := at.UTC().Year()
			if inside := year >= 1 && year <= 9999; ok != inside {
				t.Errorf("%v: got %v, want %v", at, ok, inside)
			} else if !ok {
				want = "null"
			}
			if string(got) != want {
				t.Errorf("%v: got %s, want %s", at, got, want)
			}
			if !ok {
				continue
			}
			y, m, d := at.UTC().Date()
			if date, ok := AppendDate(nil, y, m, d); !ok || string(date) != want[:11]+`"` {
				t.Errorf("%v: got date %s, want %s", at, date, want[:11])
			}
		}
	})
}

func TestAppendDate(t *testing.T) {
	for _, tt := range []struct {
		year, month, day int
		want             string
		ok               bool
	}{
		{2024, 2, 29, `"2024-02-29"`, true},
		{2000, 2, 29, `"2000-02-29"`, true},
		{9999, 12, 31, `"9999-12-31"`, true},
		{1, 1, 1, `"0001-01-01"`, true},
		{2023, 2, 29, `"2023-02-29"`, false},
		{1900, 2, 29, `"1900-02-29"`, false},
		{2024, 4, 31, `"2024-04-31"`, false},
		{0, 1, 1, `"0000-01-01"`, false},
		{2024, 13, 1, `"2024-13-01"`, false},
		{2024, 1, 0, `"2024-01-00"`, false},
		{10000, 1, 1, "null", false},
		{-1, 1, 1, "null", false},
		{2024, 100, 1, "null", false},
		{2024, 1, -1, "null", false},
	} {
		got, ok := AppendDate(nil, tt.year, time.Month(tt.month), tt.day)
		if string(got) != tt.want || ok != tt.ok {
			t.Errorf("%d-%d-%d: got %s, %v, want %s, %v", tt.year, tt.month, tt.day, got, ok, tt.want, tt.ok)
		}
	}
}

func BenchmarkAppendTime(b *testing.B) {
	buf := make([]byte, 0, 64)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC)
	for b.Loop() {
		buf, _ = AppendTime(buf[:0], at)
	}
}

func BenchmarkAppendUUID(b *testing.B) {
	buf := make([]byte, 0, 64)
	u := uuid.New()
	for b.Loop() {
		buf = AppendUUID(buf[:0], u)
	}
}
