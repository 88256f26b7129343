package flags

import (
	"crypto/sha1"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// Points computed with sha1sum.
func TestHash(t *testing.T) {
	for _, tt := range []struct {
		prefix, id, suffix string
		want               point
		float              float64
	}{
		{"checkout-redesign.", "user-0001", "", 0x71b614015b0f72c, 0.44418454201792007},
		{"checkout-redesign.", "user-0001", variantSalt, 0x8596467c0605237, 0.5218242695609843},
		{"naïve-flag.", "ユーザー7", "", 0xb27386e61bb449f, 0.6970753013408323},
		{"group-rollout.", "org:42", "", 0x8a34600ce70e806, 0.539861682081261},
		{"group-rollout.", "42", "", 0x3a13fd83c0e49c8, 0.22686752764356516},
		{"k.", "", "", 0xb27649aaf84c848, 0.6971174280554796},
		{holdoutPrefix, "user-0001", "", 0x52848366af48405, 0.3223344922728595},
	} {
		got := new(pass).hash(tt.prefix, tt.id, tt.suffix)
		if got != tt.want || got.float() != tt.float {
			t.Errorf("hash(%q, %q, %q) = %#x, %v; want %#x, %v", tt.prefix, tt.id, tt.suffix, got, got.float(), tt.want, tt.float)
		}
	}
}

// Texts around the ends of SHA-1's blocks, and of short texts. A digest that cannot read the
// state of a hash gives the same points.
func TestHashOfEveryLength(t *testing.T) {
	slow := &digest{}
	for n := range 5 * sha1.BlockSize {
		text := strings.Repeat("äb", n)[:n]
		want := pointOf(sha1.Sum([]byte(text)))
		var p pass
		for _, at := range []int{0, n / 3, n} {
			if got := p.hash(text[:at/2], text[at/2:at], text[at:]); got != want {
				t.Errorf("%d bytes: got %#x, want %#x", n, got, want)
			}
		}
		if n > maxShort {
			continue
		}
		if got := slow.point("", text, ""); got != want {
			t.Errorf("%d bytes, without a state: got %#x, want %#x", n, got, want)
		}
	}
}

func TestDigestReadsState(t *testing.T) {
	if newDigest().sha1 == nil {
		t.Error("a SHA-1 hash marshals its state in another way; points are right, but slow")
	}
}

// edges returns percentages that are awkward: those of points, their neighbours among
// floats, and round ones.
func edges(r *rand.Rand, n int) []float64 {
	all := []float64{0.1, 1, 5e-324, 1e-300, 1e-16, 14.28, 33.33, 33.3, 50, 66.67, 99.9, 99.99999999999999, math.Nextafter(100, 0)}
	for range n {
		percentage := point(r.Uint64()>>4).float() * 100
		all = append(all, percentage, math.Nextafter(percentage, 0), math.Nextafter(percentage, 100))
	}
	return all
}

// The points around a limit, and others.
func around(limit point) []point {
	all := []point{0, 1, 63, 64, 65, one - 1, one, points - 1}
	for d := point(0); d < 70; d++ {
		for _, p := range []point{limit - d, limit + d, limit - d*37, limit + d*37} {
			if p < points {
				all = append(all, p)
			}
		}
	}
	return all
}

// Comparing points is comparing floats, for every percentage and next to the limit.
func TestRolloutLimit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, percentage := range append(edges(r, 2000), 100, 100.5, 1e300, -1, -1e-300) {
		limit := rolloutLimit(percentage)
		for _, p := range around(limit) {
			if got, want := p < limit, p.float() <= percentage/100; got != want {
				t.Fatalf("%v %%: point %d is inside: %v, want %v", percentage, p, got, want)
			}
		}
	}
	// PostHog takes the point 0 into a rollout of 0 %; here it needs no hash.
	if got := rolloutLimit(0); got != 0 {
		t.Errorf("the limit of 0 %% is %d, want 0", got)
	}
}

func TestVariantLimits(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	splits := [][]float64{
		{50, 50}, {33.4, 33.3, 33.3}, {14.28, 14.28, 14.28, 14.28, 14.28, 14.28, 14.28}, {100}, {0, 100}, {0, 0},
		{60, 60, 60}, {-10, 30}, {30, -10, 20}, {99.99999999999999}, {0.1, 0.2, 0.3}, {200},
	}
	for range 500 {
		split := edges(r, 1)
		r.Shuffle(len(split), func(i, j int) { split[i], split[j] = split[j], split[i] })
		splits = append(splits, split[:3])
	}
	for _, split := range splits {
		var keys []string
		for i, percentage := range split {
			keys = append(keys, fmt.Sprintf(`{"key":"v%d","rollout_percentage":%v}`, i, percentage))
		}
		d := mustParse(t, `{"flags":[{"key":"f","active":true,"filters":{"groups":[{}],"multivariate":{"variants":[`+strings.Join(keys, ",")+`]}}}]}`)
		f := d.flags[0]
		bounds, sum := []float64{}, 0.0
		for _, percentage := range split {
			sum += percentage / 100
			bounds = append(bounds, sum)
		}
		for _, v := range f.variants {
			for _, p := range around(v.limit) {
				want := True
				for i, bound := range bounds {
					if p.float() < bound {
						want = Variant(fmt.Sprint("v", i))
						break
					}
				}
				if got := f.value(f.pick(p)); got != want {
					t.Fatalf("%v: point %d is %v, want %v", split, p, got, want)
				}
				if p > 0 && p < one && f.reachable.set&f.pick(p).bit() == 0 {
					t.Fatalf("%v: point %d is %v, which counts as unreachable", split, p, f.value(f.pick(p)))
				}
			}
		}
	}
}

func TestWireDistinctID(t *testing.T) {
	for _, tt := range []struct{ id, want string }{
		{"user-1", "user-1"},
		{"", ""},
		{" é ", " é "},
		{"a\x00b\x00", "ab"},
		{"\x00", ""},
		{"a\xffb\xc3\x28", "a\uFFFDb\uFFFD("},
		{strings.Repeat("a", 200), strings.Repeat("a", 200)},
		{strings.Repeat("a", 201), strings.Repeat("a", 200)},
		{strings.Repeat("ä", 200), strings.Repeat("ä", 200)},
		{strings.Repeat("😀", 201), strings.Repeat("😀", 200)},
		{strings.Repeat("\xff", 201), strings.Repeat("\uFFFD", 200)},
		{"e\u0301", "e\u0301"}, // not the same as é
	} {
		if got := wireDistinctID(tt.id); got != tt.want {
			t.Errorf("wireDistinctID(%q) = %q, want %q", tt.id, got, tt.want)
		}
	}
}

// One ID in each of 100 buckets of a percent, give or take.
func TestHashIsUniform(t *testing.T) {
	const ids = 100_000
	for _, key := range []string{"beta", "new-checkout", "ü"} {
		var counts [100]float64
		for i := range ids {
			counts[int(new(pass).hash(key, ".user-", strconv.Itoa(i)).float()*100)]++
		}
		chi := 0.0
		for _, n := range counts {
			chi += (n - ids/100) * (n - ids/100) / (ids / 100)
		}
		if chi < 46 || chi > 176 { // p = 1e-6 on either side
			t.Errorf("%s: chi² = %v, want about 99", key, chi)
		}
	}
}
