package flags

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// A moment is a date as the server reads it. Where its project's time zone counts, which is
// not known here, a moment is a function of the zone.
type moment struct {
	form  momentForm
	at    time.Time     // of an instant; of a wall the same clock in UTC
	slop  time.Duration // of an instant: how far the server may be from it
	count int           // of relative: how many units before now
	unit  byte          // of relative: h, d, w, m or y
}

type momentForm uint8

const (
	instant  momentForm = iota
	wall                // a date without a zone
	relative            // some time ago
)

// The offsets of time zones lie between these.
const (
	westmost = -12 * time.Hour
	eastmost = 14 * time.Hour
)

// calendar reports whether m is so many months or years ago, which depends on the zone's
// present day.
func (m *moment) calendar() bool { return m.form == relative && (m.unit == 'm' || m.unit == 'y') }

// in returns the instant that m is in a zone with the given offset from UTC. The zone is
// taken to have had that offset always. m must not be of the calendar.
func (m *moment) in(zone time.Duration, now time.Time) time.Time {
	switch m.form {
	case wall:
		return m.at.Add(-zone)
	case relative:
		return now.Add(-time.Duration(m.count) * hours[m.unit])
	}
	return m.at
}

// hours are the units of relative dates that have always the same length.
var hours = [256]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

// on returns m, as an instant if it is of the calendar. It is the same for all zones where
// the day is the one in zone. ok is false before the year 1.
func (m *moment) on(zone time.Duration, now time.Time) (on moment, ok bool) {
	if !m.calendar() {
		return *m, true
	}
	at := m.ago(now.UTC().Add(zone)).Add(-zone)
	return moment{form: instant, at: at}, at.Year() >= 1
}

// ago returns the clock so many months or years before now. As on the server, it goes back
// month by month and each time to the last day of a month that is too short: two months
// before March 31 is January 28.
func (m *moment) ago(now time.Time) time.Time {
	year, month, day := now.Date()
	steps, months := m.count, 1
	if m.unit == 'y' {
		months = 12
	}
	for ; steps > 0 && day > 28; steps-- {
		year, month = back(year, month, months)
		day = min(day, time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day())
	}
	year, month = back(year, month, steps*months)
	hour, minute, second := now.Clock()
	return time.Date(year, month, day, hour, minute, second, now.Nanosecond(), time.UTC)
}

// back returns the month so many months before.
func back(year int, month time.Month, months int) (int, time.Month) {
	n := year*12 + int(month) - 1 - months
	year = int(math.Floor(float64(n) / 12))
	return year, time.Month(n-year*12) + 1
}

// parseMoment reads the forms of dates whose meaning is certain: RFC 3339, the same without
// zone, seconds or time, and relative dates like "-30d".
func parseMoment(s string) (moment, bool) {
	if m, ok := parseRelative(s); ok {
		return m, true
	}
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return moment{}, false
	}
	year, ok1 := clockNumber(s[:4], 9999)
	month, ok2 := clockNumber(s[5:7], 12)
	day, ok3 := clockNumber(s[8:10], 31)
	if !ok1 || !ok2 || !ok3 || year == 0 || month == 0 || day == 0 {
		return moment{}, false
	}
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if date.Day() != day {
		return moment{}, false
	}
	if len(s) == 10 {
		return moment{form: wall, at: date}, true
	}
	if s[10] != 'T' && s[10] != ' ' {
		return moment{}, false
	}
	clock, precise, zone := parseClock(s[11:])
	at := date.Add(clock)
	switch {
	case clock < 0:
		return moment{}, false
	case zone == "":
		return moment{form: wall, at: at}, true
	case !precise || s[10] != 'T':
		return moment{}, false
	}
	offset, ok := parseZone(zone)
	return moment{form: instant, at: at.Add(-offset)}, ok
}

// parseRelative reads a relative date. Its sign means nothing.
func parseRelative(s string) (moment, bool) {
	if s != "" && s[0] == '-' {
		s = s[1:]
	}
	n := digits(s)
	if n == 0 || n != len(s)-1 {
		return moment{}, false
	}
	switch unit := s[n]; unit {
	case 'h', 'd', 'w', 'm', 'y':
		count, err := strconv.Atoi(s[:n])
		return moment{form: relative, count: count, unit: unit}, err == nil && count < 10000
	}
	return moment{}, false
}

// parseClock reads HH:MM, HH:MM:SS or that with decimals, and returns it with what follows.
// precise tells that it had seconds. The clock is negative if there is none.
func parseClock(s string) (clock time.Duration, precise bool, rest string) {
	if len(s) < 5 || s[2] != ':' {
		return -1, false, ""
	}
	hour, ok1 := clockNumber(s[:2], 23)
	minute, ok2 := clockNumber(s[3:5], 59)
	if !ok1 || !ok2 {
		return -1, false, ""
	}
	clock = time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
	if s = s[5:]; s == "" || s[0] != ':' {
		return clock, false, s
	}
	if len(s) < 3 {
		return -1, false, ""
	}
	second, ok := clockNumber(s[1:3], 59)
	if !ok {
		return -1, false, ""
	}
	clock += time.Duration(second) * time.Second
	if s = s[3:]; s == "" || s[0] != '.' {
		return clock, true, s
	}
	n := digits(s[1:])
	if n == 0 || n > 9 {
		return -1, false, ""
	}
	unit := time.Second
	for _, c := range []byte(s[1 : 1+n]) {
		unit /= 10
		clock += time.Duration(c-'0') * unit
	}
	return clock, true, s[1+n:]
}

// parseZone reads Z or ±HH:MM.
func parseZone(s string) (time.Duration, bool) {
	if s == "Z" {
		return 0, true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, false
	}
	hour, ok1 := clockNumber(s[1:3], 23)
	minute, ok2 := clockNumber(s[4:6], 59)
	offset := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, ok1 && ok2
}

// clockNumber reads s, some digits, as a number up to most.
func clockNumber(s string, most int) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, n <= most
}

// propertyMoment reads a property. Unlike a filter it may be in seconds since 1970, which
// the server tries first.
func propertyMoment(s string) (moment, bool) {
	if f, ok := parseFloat(s); ok {
		if strings.Trim(s, "-.0123456789") != "" || s[0] == '.' || s[len(s)-1] == '.' {
			return moment{}, false // a number only to the most lenient of parsers
		}
		return unixMoment(f)
	}
	return parseMoment(s)
}

// maxUnix is about the last second that the server's library knows.
const maxUnix = 8e12

func unixMoment(seconds float64) (moment, bool) {
	if !(math.Abs(seconds) < maxUnix) {
		return moment{}, false
	}
	whole, fraction := math.Modf(seconds)
	m := moment{form: instant, at: time.Unix(int64(whole), int64(fraction*1e9)).UTC()}
	switch {
	case fraction > 0:
		m.slop = 10 * time.Microsecond
	case fraction < 0:
		m.slop = time.Second // whether a part of a second before 1970 counts is not certain
	}
	return m, true
}
