package value

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"testing"
	"time"
)

func FuzzAppendFloat(f *testing.F) {
	for _, v := range []float64{0, math.Copysign(0, -1), 1, -1.5, 49.99, 0.001, 0.0015, 1e-6, 9.99e-7, 1e21, 1e20, 1e15, 123456789012.345,
		999999999999999.9, math.MaxFloat64, math.SmallestNonzeroFloat64, 0.1 + 0.2, 1e-9, 5e-324, 4503599627370497.5} {
		f.Add(math.Float64bits(v))
	}
	f.Fuzz(func(t *testing.T, bits uint64) {
		v := math.Float64frombits(bits)
		for _, v := range []float64{v, math.Round(v*1000) / 1000, float64(int32(bits)) / 1000, float64(int64(bits)) / 100} {
			got := string(AppendFloat(nil, v))
			want := "null"
			if v-v == 0 {
				std, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				want = string(std)
			}
			if got != want {
				t.Errorf("%v: got %s, want %s", v, got, want)
			}
		}
	})
}

func TestAppendDuration(t *testing.T) {
	for _, tt := range []struct {
		d, unit time.Duration
		want    string
	}{
		{1500 * time.Millisecond, time.Millisecond, "1500"},
		{1500 * time.Millisecond, time.Second, "1.5"},
		{1, time.Millisecond, "0.000001"},
		{-1, time.Second, "-0.000000001"},
		{0, time.Second, "0"},
		{7, time.Nanosecond, "7"},
		{1234, time.Microsecond, "1.234"},
		{math.MaxInt64, time.Second, "9223372036.854775807"},
		{math.MinInt64, time.Second, "-9223372036.854775808"},
		{math.MinInt64, time.Millisecond, "-9223372036854.775808"},
		{90 * time.Second, time.Minute, "1.5"},
		{20 * time.Minute, time.Hour, "0.3333333333333333"},
		{36 * time.Hour, 24 * time.Hour, "1.5"},
		{-36 * time.Hour, 24 * time.Hour, "-1.5"},
	} {
		if got := string(AppendDuration(nil, tt.d, tt.unit)); got != tt.want {
			t.Errorf("%v in %v: got %s, want %s", tt.d, tt.unit, got, tt.want)
		}
	}
}

func FuzzQuotient(f *testing.F) {
	f.Add(int64(1<<53+1), int64(time.Minute))
	f.Add(int64(math.MinInt64), int64(24*time.Hour))
	f.Add(int64(math.MaxInt64), int64(1))
	f.Fuzz(func(t *testing.T, n, d int64) {
		if d <= 0 {
			return
		}
		if d > 1<<53 {
			d >>= 11
		}
		want, _ := big.NewRat(n, d).Float64()
		if got := Quotient(n, d); got != want {
			t.Errorf("%d/%d: got %v, want %v", n, d, got, want)
		}
	})
}

func TestAppendMoney(t *testing.T) {
	for _, tt := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{4999, "USD", "49.99"},
		{4990, "USD", "49.90"},
		{0, "USD", "0.00"},
		{5, "EUR", "0.05"},
		{-5, "EUR", "-0.05"},
		{500, "JPY", "500"},
		{1, "KWD", "0.001"},
		{12345, "CLF", "1.2345"},
		{1, "???", "0.01"},
		{math.MinInt64, "USD", "-92233720368547758.08"},
	} {
		if got := string(AppendMoney(nil, tt.minor, tt.currency)); got != tt.want {
			t.Errorf("%d %s: got %s, want %s", tt.minor, tt.currency, got, tt.want)
		}
	}
}

func BenchmarkAppendFloat(b *testing.B) {
	buf := make([]byte, 0, 64)
	for _, v := range []float64{3, 1249.95, 0.30000000000000004} {
		b.Run(strconv.FormatFloat(v, 'g', -1, 64), func(b *testing.B) {
			for b.Loop() {
				buf = AppendFloat(buf[:0], v)
			}
		})
	}
}
