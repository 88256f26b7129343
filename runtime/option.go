package runtime

import (
	"encoding/binary"
	"math"
	"net/netip"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/value"
)

// A ScopeOption may be given to [With], and to a recorder's Context in tests.
type ScopeOption interface{ applyScope(*Scope) }

// An Option adjusts one call, or everything captured in a scope: every Option is
// a ScopeOption too. It is a plain struct, so options cost no allocation.
type Option struct {
	kind  optionKind
	prop  *Prop         // of a context property, or the rules of a group key
	name  string        // distinct ID, group type, currency
	text  string        // group key, text
	bits  [2]uint64     // everything else
	visit func(*Writer) // of ContextValue
	flags *FlagSnapshot // of WithFlags
	keys  []string      // of SendFlags

	exception func(*exceptionCall) // of Level and its siblings
}

type optionKind uint8

const (
	optionNone optionKind = iota
	optionAs
	optionAt
	optionID
	optionGroup
	optionGroupInt
	optionGroupUUID
	optionGeoIP
	optionPersonless
	optionAnonymous
	optionFlagMode
	optionNoExposure
	optionWithFlags
	optionSendFlags
	optionVariant
	optionException

	// What follows are context properties.
	optionString
	optionInt
	optionFloat
	optionBool
	optionTime
	optionDate
	optionDuration
	optionUUID
	optionIP
	optionNoIP
	optionEnum
	optionMoney
	optionNull
	optionValue
)

// As sends as the user distinctID instead of the scope's. In a scope it is User. An
// empty ID has no effect.
func As(distinctID string) Option { return Option{kind: optionAs, name: distinctID} }

// At sets the event's timestamp instead of now. The zero time, or a year that RFC 3339
// does not know, has no effect. In a scope it holds for every event.
func At(t time.Time) Option { return Option{kind: optionAt, bits: timeBits(t)} }

// ID sets the event's uuid. The zero UUID has no effect, and neither has ID in a scope:
// no two events may share one.
func ID(id uuid.UUID) Option { return Option{kind: optionID, bits: uuidBits(id)} }

// InGroup says that events belong to the group key of groupType. An empty key is a
// violation, and the group is left out.
func InGroup(groupType, key string) Option {
	return Option{kind: optionGroup, name: groupType, text: key}
}

// InGroupInt is InGroup for a plan whose group key is an integer.
func InGroupInt(groupType string, key int64) Option {
	return Option{kind: optionGroupInt, name: groupType, bits: [2]uint64{uint64(key)}}
}

// Checked applies the rules that s, the update of a group, has for the group's key. A
// key that breaks one is a violation, and sent. Only generated code calls it, on what
// InGroup and InGroupInt return.
func (o Option) Checked(s *EventSpec) Option {
	o.prop = s.Key
	return o
}

// InGroupUUID is InGroup for a plan whose group key is a UUID.
func InGroupUUID(groupType string, key uuid.UUID) Option {
	return Option{kind: optionGroupUUID, name: groupType, bits: uuidBits(key)}
}

// GeoIP overrides Config.GeoIP: whether PostHog may locate the person by the address
// the event is sent from.
func GeoIP(on bool) Option { return Option{kind: optionGeoIP, bits: boolBits(on)} }

// Personless sends events that make or change no person. It has no effect on
// person and group updates.
func Personless() Option { return Option{kind: optionPersonless} }

// Anonymous makes Identify merge the person of the anonymous ID, under which somebody
// was known before, into the identified one. It has no effect on other calls or in a
// scope.
func Anonymous(id string) Option { return Option{kind: optionAnonymous, name: id} }

// ContextString and its siblings set a context property of the plan: a typed tag
// with rules, checked when a scope or call takes it.
func ContextString(p *Prop, v string) Option {
	return Option{kind: optionString, prop: p, text: v}
}

// ContextInt is ContextString for an integer.
func ContextInt(p *Prop, v int64) Option {
	return Option{kind: optionInt, prop: p, bits: [2]uint64{uint64(v)}}
}

// ContextFloat is ContextString for a number.
func ContextFloat(p *Prop, v float64) Option {
	return Option{kind: optionFloat, prop: p, bits: floatBits(v)}
}

// ContextBool is ContextString for a boolean.
func ContextBool(p *Prop, v bool) Option {
	return Option{kind: optionBool, prop: p, bits: boolBits(v)}
}

// ContextTime is ContextString for a timestamp.
func ContextTime(p *Prop, v time.Time) Option {
	return Option{kind: optionTime, prop: p, bits: timeBits(v)}
}

// ContextDate is ContextString for a calendar day.
func ContextDate(p *Prop, v Date) Option {
	return Option{kind: optionDate, prop: p, bits: dateBits(v)}
}

// ContextDuration is ContextString for a duration.
func ContextDuration(p *Prop, v time.Duration) Option {
	return Option{kind: optionDuration, prop: p, bits: [2]uint64{uint64(v)}}
}

// ContextUUID is ContextString for a UUID.
func ContextUUID(p *Prop, v uuid.UUID) Option {
	return Option{kind: optionUUID, prop: p, bits: uuidBits(v)}
}

// ContextIP is ContextString for an address.
func ContextIP(p *Prop, v netip.Addr) Option {
	if !v.IsValid() {
		return Option{kind: optionNoIP, prop: p}
	}
	return Option{kind: optionIP, prop: p, bits: uuidBits(v.As16())}
}

// ContextEnum is ContextString for an enum value.
func ContextEnum(p *Prop, v uint8) Option {
	return Option{kind: optionEnum, prop: p, bits: [2]uint64{uint64(v)}}
}

// ContextMoney is ContextString for an amount of money.
func ContextMoney(p *Prop, v Money) Option {
	return Option{kind: optionMoney, prop: p, name: v.Currency, bits: [2]uint64{uint64(v.Minor)}}
}

// ContextNull sets a nullable context property to null.
func ContextNull(p *Prop) Option { return Option{kind: optionNull, prop: p} }

// ContextValue is ContextString for every other kind: visit writes the value
// with the writer it is given. It runs when a scope or call takes the option, on the
// goroutine of that call, and must not keep the writer. Other options allocate nothing;
// this one costs the closure, and a list that is given as variadic arguments
// (TestContextValueAllocates).
func ContextValue(p *Prop, visit func(*Writer)) Option {
	return Option{kind: optionValue, prop: p, visit: visit}
}

// groupKey returns the key of a group as text.
func (o *Option) groupKey() string {
	switch o.kind {
	case optionGroupInt:
		return strconv.FormatInt(int64(o.bits[0]), 10)
	case optionGroupUUID:
		return bitsUUID(o.bits).String()
	}
	return value.Clean(o.text)
}

// isContext reports whether o sets a context property.
func (o *Option) isContext() bool { return o.kind >= optionString }

// write writes the context property that o sets.
func (o *Option) write(w *Writer) {
	switch p := o.prop; o.kind {
	case optionString:
		w.String(p, o.text)
	case optionInt:
		w.Int(p, int64(o.bits[0]))
	case optionFloat:
		w.Float(p, bitsFloat(o.bits))
	case optionBool:
		w.Bool(p, o.bits[0] != 0)
	case optionTime:
		w.Time(p, bitsTime(o.bits))
	case optionDate:
		w.Date(p, bitsDate(o.bits))
	case optionDuration:
		w.Duration(p, time.Duration(o.bits[0]))
	case optionUUID:
		w.UUID(p, bitsUUID(o.bits))
	case optionIP:
		w.IP(p, netip.AddrFrom16(bitsUUID(o.bits)))
	case optionNoIP:
		w.IP(p, netip.Addr{})
	case optionEnum:
		w.Enum(p, uint8(o.bits[0]))
	case optionMoney:
		w.Money(p, Money{int64(o.bits[0]), o.name})
	case optionNull:
		w.Null(p)
	case optionValue:
		o.visit(w)
	}
}

func timeBits(t time.Time) [2]uint64 {
	return [2]uint64{uint64(t.Unix()), uint64(t.Nanosecond())}
}

func bitsTime(b [2]uint64) time.Time { return time.Unix(int64(b[0]), int64(b[1])).UTC() }

// dateBits keeps 32 bits of month and day. What has more is no date before or after.
func dateBits(d Date) [2]uint64 {
	half := func(n int) uint64 { return uint64(uint32(min(max(n, math.MinInt32), math.MaxInt32))) }
	return [2]uint64{uint64(d.Year), half(int(d.Month))<<32 | half(d.Day)}
}

func bitsDate(b [2]uint64) Date {
	return Date{int(b[0]), time.Month(int32(b[1] >> 32)), int(int32(b[1]))}
}

func uuidBits(id [16]byte) [2]uint64 {
	return [2]uint64{binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])}
}

func bitsUUID(b [2]uint64) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:8], b[0])
	binary.BigEndian.PutUint64(id[8:], b[1])
	return id
}

func floatBits(v float64) [2]uint64 { return [2]uint64{math.Float64bits(v)} }

func bitsFloat(b [2]uint64) float64 { return math.Float64frombits(b[0]) }

func boolBits(v bool) [2]uint64 {
	if v {
		return [2]uint64{1}
	}
	return [2]uint64{}
}
