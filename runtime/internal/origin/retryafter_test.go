package origin

import (
	"net/http"
	"testing"
	"time"
)

var noon = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

func TestRetryAfter(t *testing.T) {
	const tenYears = 3653 * 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"":                                 0,
		"0":                                0,
		"1":                                time.Second,
		" 20 ":                             20 * time.Second,
		"1.5":                              1500 * time.Millisecond,
		"3600":                             time.Hour,
		"999999999":                        999999999 * time.Second,
		"99999999999":                      0, // no wish but a mistake
		"99999999999999999999999999":       0,
		"-1":                               0,
		"+5":                               0,
		"NaN":                              0,
		"Inf":                              0,
		"1e3":                              0,
		"0x10":                             0,
		"1.2.3":                            0,
		".":                                0,
		"soon":                             0,
		"Sat, 01 Aug 2026 12:00:30 GMT":    30 * time.Second,
		"Sat, 01 Aug 2026 11:59:30 GMT":    0,
		"Fri, 01 Aug 2036 12:00:00 GMT":    tenYears,
		"Saturday, 01-Aug-26 12:00:30 GMT": 30 * time.Second, // the obsolete forms
		"Sat Aug  1 12:00:30 2026":         30 * time.Second,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {text}}, noon); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	if got := RetryAfter(nil, noon); got != 0 {
		t.Errorf("without a header: got %v, want 0", got)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{"1", "1.5", "-1", "1e309", "NaN", "Sat, 01 Aug 2026 12:00:30 GMT", "999999999999999999999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d := RetryAfter(http.Header{"Retry-After": {text}}, noon); d < 0 {
			t.Errorf("%q: %v is out of bounds", text, d)
		}
	})
}
