package origin

import "testing"

func TestRefused(t *testing.T) {
	for want, c := range map[string]struct {
		status int
		said   []string
	}{
		"endpoint answered 400 Bad Request":                      {400, nil},
		"endpoint answered 520":                                  {520, []string{"", ""}},
		"endpoint answered 520: code":                            {520, []string{"code"}},
		"endpoint answered 400 Bad Request: code: what is amiss": {400, []string{"code", "what is amiss"}},
		"endpoint answered 415 Unsupported Media Type: amiss":    {415, []string{"", "amiss"}},
	} {
		if got := Refused(c.status, c.said...); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
