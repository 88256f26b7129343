package golden

import "testing"

func TestEvent(t *testing.T) {
	for event, want := range map[string]string{
		`{"event":"e","distinct_id":"ann","uuid":"0190c8a4-7777-7222-8333-444455556666","timestamp":"2026-01-02T03:04:05Z"}`: `{"event":"e","distinct_id":"ann","uuid":"…","timestamp":"…"}`,
		`{"distinct_id":"0190c8a4-7777-4222-8333-444455556666"}`:                                                             `{"distinct_id":"random"}`,
		`{"$os":"Linux","$go_version":"go1.26.8","$lib":"phgen"}`:                                                            `{"$os":"…","$go_version":"…","$lib":"phgen"}`,
		`{"$debug_images":[{"type":"elf"}],"n":1}`:                                                                           `{"n":1}`,
		`[{"platform":"go","filename":"/a.go","function":"main.main","in_app":true},{"platform":"go","function":"io.Copy"}]`: `[main.main in app: true,io.Copy in app: false]`,
	} {
		if got := Event(event); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", event, got, want)
		}
	}
}
