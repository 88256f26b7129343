package flags

import (
	"encoding/json"
	"testing"
	"time"
)

func TestVersionOrder(t *testing.T) {
	// https://semver.org/#spec-item-11, and numbers beyond 64 bits.
	ordered := []string{
		"0.0.1", "0.1.0", "1.0.0-0", "1.0.0-9", "1.0.0-10", "1.0.0-99999999999999999999", "1.0.0-100000000000000000000",
		"1.0.0-1a", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
		"1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.9", "1.2.10", "2.0.0", "18446744073709551615.0.0",
	}
	for i, a := range ordered {
		for j, b := range ordered {
			v, ok1 := parseVersion(a)
			w, ok2 := parseVersion(b)
			if !ok1 || !ok2 || v.doubtful || w.doubtful {
				t.Fatalf("%s, %s: no certain versions", a, b)
			}
			if got, want := v.compare(&w) < 0, i < j; got != want {
				t.Errorf("%s < %s: got %t, want %t", a, b, got, want)
			}
			if got, want := v.compare(&w) == 0, i == j; got != want {
				t.Errorf("%s = %s: got %t, want %t", a, b, got, want)
			}
		}
	}
}

func TestParseVersion(t *testing.T) {
	const certain, doubtful, invalid = "certain", "doubtful", "invalid"
	for _, c := range []struct{ s, want string }{
		{"1", certain},
		{"1.2", certain},
		{"1.2.3", certain},
		{"v1.2.3", certain},
		{"0.0.0", certain},
		{"1.2.3-beta.1+build.01", certain},
		{"1.2.3--", certain},
		{"", doubtful},
		{"1.", doubtful},
		{"1..3", doubtful},
		{".1.2", doubtful},
		{"01.2.3", doubtful},
		{"1.2.3.4", doubtful},
		{" 1.2.3", doubtful},
		{"1.2.3\n", doubtful},
		{"1.2-beta", doubtful},
		{"1.2.3-", doubtful},
		{"1.2.3-a..b", doubtful},
		{"1.2.3-01", doubtful},
		{"1.2.3+", doubtful},
		{"V1.2.3", invalid},
		{"vv1.2.3", invalid},
		{" v1.2.3", invalid},
		{"1.2.x", invalid},
		{"1.2.*", invalid},
		{"-1.2.3", doubtful},
		{"1.2.3-a_b", invalid},
		{"1.2.3-ä", invalid},
		{"1.2.3+a+b", invalid},
		{"1,2", invalid},
		{"18446744073709551616.0.0", invalid},
		{"latest", invalid},
	} {
		got := certain
		if v, ok := parseVersion(c.s); !ok {
			got = invalid
		} else if v.doubtful {
			got = doubtful
		}
		if got != c.want {
			t.Errorf("%q: got %s, want %s", c.s, got, c.want)
		}
	}
}

func TestMatchVersion(t *testing.T) {
	testMatches(t, []matchCase{
		{"semver_eq", `"1.2.3"`, "1.2.3-beta", no},
		{"semver_lt", `"1.2.3"`, "1.2.3-beta", yes},
		{"semver_gt", `"1.2.3-beta.2"`, "1.2.3-beta.10", yes},
		{"semver_eq", `"1.2.3"`, "1.2.3+b", unsure}, // whether builds count
		{"semver_gte", `"1.2.3"`, "1.2.3+b", unsure},
		{"semver_gt", `"1.2.3"`, "1.2.4+b", yes},
		{"semver_eq", `"1.2.3+b"`, "1.2.3+b", yes},
		{"semver_eq", `"1.2.3"`, " 1.2.3 ", unsure},
		{"semver_eq", `"1.2.3"`, " 1.2.4 ", no},
		{"semver_eq", `"1.2.3"`, "1.02.3", unsure},
		{"semver_eq", `"1.2.3"`, "1.2.3.4", unsure},
		{"semver_gt", `"1.2.3"`, "1.2.2.4", no},
		{"semver_gt", `"1.2.3.4"`, "2.0.0", unsure},
		{"semver_neq", `"1.2.3"`, "abc", no},
		{"semver_neq", `"1.2.3"`, "1..3", unsure}, // matches unless it is no version
		{"semver_eq", `"1.2"`, 1.2, unsure},       // numbers may be refused
		{"semver_eq", `"1.2"`, 1.3, no},
		{"semver_eq", `"5"`, 5, unsure},
		{"semver_eq", `1.2`, "1.2.0", unsure},
		{"semver_eq", `"5"`, json.Number("5.0"), unsure},
		{"semver_gt", `"1"`, 1e20, no},
		{"semver_gt", `"1"`, time.Duration(2), unsure},
		{"semver_gt", `"1"`, float32(0.5), no},
		{"semver_wildcard", `"18446744073709551616.*"`, "1.2.3", no},
		{"semver_gt", `"1"`, true, no},
		{"semver_gt", `"1"`, []any{"2"}, no},
		{"semver_gt", `"1"`, testNow, no},

		{"semver_tilde", `"1"`, "1.0.9", yes}, // missing parts are 0 first
		{"semver_tilde", `"1"`, "1.1.0", no},
		{"semver_tilde", `"1.2.3"`, "1.2.2", no},
		{"semver_tilde", `"1.2.3"`, "1.2.4-beta", no},
		{"semver_tilde", `"1.2.3-beta"`, "1.2.3-rc", yes},
		{"semver_tilde", `"1.2.3-beta"`, "1.2.3-alpha", no},
		{"semver_tilde", `"1.2.3-beta"`, "1.2.4-rc", no},
		{"semver_tilde", `"1.2.3-beta"`, "1.2.3", yes},
		{"semver_tilde", `"1.2.3"`, "1.2.4+b", yes},
		{"semver_tilde", `"1.2.3+b"`, "1.2.4", unsure},
		{"semver_tilde", `"1.2.3"`, "2.2.4", no},
		{"semver_caret", `"0"`, "0.0.0", yes},
		{"semver_caret", `"0"`, "0.0.1", no},
		{"semver_caret", `"0.0.3"`, "0.0.3", yes},
		{"semver_caret", `"0.0.3"`, "0.0.4", no},
		{"semver_caret", `"0.2.3"`, "0.2.9", yes},
		{"semver_caret", `"0.2.3"`, "0.3.0", no},
		{"semver_caret", `"1.2.3"`, "1.2.2", no},
		{"semver_caret", `"1.2.3"`, "1.3.0-beta", no},

		{"semver_wildcard", `"*"`, "0.0.0", yes},
		{"semver_wildcard", `"*"`, "1.0.0-beta", no},
		{"semver_wildcard", `"*"`, "abc", no},
		{"semver_wildcard", `"1.*"`, "1.9.9", yes},
		{"semver_wildcard", `"1.*.*"`, "1.9.9", yes},
		{"semver_wildcard", `"0.*"`, "0.9.0", yes},
		{"semver_wildcard", `"1.2.*"`, "1.2.0-beta", no},
		{"semver_wildcard", `"1.2"`, "1.9.0", yes}, // a caret requirement, not padded
		{"semver_wildcard", `"1.2"`, "1.1.0", no},
		{"semver_wildcard", `"0"`, "0.9.0", yes},
		{"semver_wildcard", `"0.0"`, "0.0.9", yes},
		{"semver_wildcard", `"0.0"`, "0.1.0", no},
		{"semver_wildcard", `"0.0.3"`, "0.0.4", no},
		{"semver_wildcard", `"1.2.3"`, "1.2", no},
		{"semver_wildcard", `"1.2.3.4"`, "1.2.3", no},
		{"semver_wildcard", `"*.*"`, "1.2.3", unsure},
		{"semver_wildcard", `"v1.*"`, "1.2.3", unsure},
		{"semver_wildcard", `"1.x"`, "1.2.3", unsure},
		{"semver_wildcard", `"01.*"`, "1.2.3", unsure},
		{"semver_wildcard", `""`, "1.2.3", unsure},
		{"semver_wildcard", `1`, "1.2.3", unsure},
		{"semver_wildcard", `1`, "2.2.3", no},
	})
}
